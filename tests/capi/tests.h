/* The parts of the test of the C API. */
#ifndef CORTLAND_TESTS_CAPI_TESTS_H
#define CORTLAND_TESTS_CAPI_TESTS_H

#include <cortland/host.h>
#include <cortland/text.h>

#include "capi/fixture.h"

/* Ends the program when it cannot. */
cortland_text *open_bytes(fixture_bytes file);

/* Each takes the text file of fixture_text_file(). */
void test_golden_cases(const cortland_text *text);
void test_streams(const cortland_text *text);
void test_chats(const cortland_text *text);
void test_sampling(const cortland_text *text);
void test_missing_pointers(const cortland_text *text);
void test_threads(const cortland_text *text);
void test_host(void);

#endif
