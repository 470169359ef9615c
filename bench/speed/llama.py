"""Times llama.cpp on a GGUF file as `cortland bench` times a package: rounds from an empty cache, one not counted.

    python llama.py FILE.gguf [-p TOKENS] [-g TOKENS] [-n ROUNDS] [--threads N]

Prints one line of JSON: tokens per second, and the peak memory of the process.
"""

import argparse
import ctypes
import json
import resource
import statistics
import time

import llama_cpp

SILENT = llama_cpp.llama_log_callback(lambda *_: None)  # must outlive the library


def decode(context, ids):
    array = (llama_cpp.llama_token * len(ids))(*ids)
    if llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(array, len(ids))) != 0:
        raise SystemExit("llama_decode failed")


def rate(context, calls, tokens, rounds):
    """Median tokens per second of rounds that decode each list of `calls`, behind one that is not counted."""
    seconds = []
    for _ in range(rounds + 1):
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
        start = time.perf_counter()
        for ids in calls:
            decode(context, ids)
        llama_cpp.llama_synchronize(context)
        seconds.append(time.perf_counter() - start)
    return tokens / statistics.median(seconds[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("-p", type=int, default=512)
    parser.add_argument("-g", type=int, default=128)
    parser.add_argument("-n", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()

    llama_cpp.llama_log_set(SILENT, ctypes.c_void_p())
    llama_cpp.llama_backend_init()
    model = llama_cpp.llama_model_load_from_file(args.file.encode(), llama_cpp.llama_model_default_params())
    if not model:
        raise SystemExit(f"{args.file}: llama.cpp cannot load it")
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = max(args.p, args.g)
    params.n_batch = params.n_ubatch = max(args.p, 1)
    params.n_threads = params.n_threads_batch = args.threads
    context = llama_cpp.llama_init_from_model(model, params)
    size = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))
    ids = [(7919 * i + 3) % size for i in range(max(args.p, args.g))]
    result = {
        "prefill": rate(context, [ids[: args.p]], args.p, args.n) if args.p else None,
        "decode": rate(context, [[token] for token in ids[: args.g]], args.g, args.n) if args.g else None,
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
