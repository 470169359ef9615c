/* The interpreter in C, a shared library that CMake builds; pkg-config tells where it is. */
#include <cortland/interp.h>
