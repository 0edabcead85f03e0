/* Assay plugin ABI, version 1. C11, also valid C++.
 *
 * A plugin is a shared object that exports exactly one symbol, `assay_entry_v1`, and carries its manifest
 * as JSON in an ELF note (section .note.assay). assay_add_plugin() in the CMake package does both.
 *
 * Life of a plugin: the runner starts a process for one trial, checks the entry's version, and calls
 *   init -> get_factory -> describe -> create -> prepare -> run -> cleanup -> destroy -> deinit -> _exit.
 * The library is never unloaded; one process runs one trial and ends.
 *
 * Rules that hold for every function here:
 *   [main]  is called by, or may be called from, the thread that called init.
 *   [any]   may be called from any thread, at any time between run's start and its return.
 *   Text is UTF-8, zero-terminated. The caller owns what it passes; the callee copies before it returns.
 *   What a function returns by pointer belongs to the callee and lives until the process ends.
 *   Nobody frees the other's memory. No exception crosses the boundary (the C++ wrapper sees to it).
 *   struct_size is the size that the giver was compiled with: read no more than that, so that structs can grow
 *   at their end. Structs never change otherwise; a new major version gets a new symbol name.
 */
#ifndef ASSAY_PLUGIN_H
#define ASSAY_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ASSAY_ABI_MAJOR 1
#define ASSAY_ABI_MINOR 0

#define ASSAY_EXPORT __attribute__((visibility("default")))

/* What a function that can fail returns; 0 is good, everything else is negative. */
typedef int32_t assay_status;
#define ASSAY_OK 0
#define ASSAY_ERROR (-1)         /* could not do its work; says nothing about the hardware */
#define ASSAY_BAD_PARAMETER (-2) /* a parameter is outside the range that the manifest declares, or of another type */
#define ASSAY_UNKNOWN (-3)       /* no such id or key */
#define ASSAY_SKIPPED (-4)       /* run() called skip() and returns */
#define ASSAY_CANCELLED (-5)     /* run() saw should_stop() before it could judge */

/* What a finding says of the hardware. */
#define ASSAY_NOTE 0
#define ASSAY_MARGINAL 1
#define ASSAY_FAIL 2

/* How loud a log line is. */
#define ASSAY_DEBUG 0
#define ASSAY_INFO 1
#define ASSAY_WARNING 2

/* The host, as the plugin sees it. Valid from init to the end of the process. */
typedef struct assay_host {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;

  /* [any] An extension that the host offers (ext/NAME.h says which struct), or NULL if it does not. */
  const void *(*get_extension)(const char *id);

  /* [any] A line for the technician. Long texts are cut at 4 KiB; a flood is counted, not kept. */
  void (*log)(int32_t level, const char *text);
} assay_host;

/* One trial: what to test, with which parameters, and where the results go. */
typedef struct assay_trial assay_trial;
struct assay_trial {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [any] The target's id ("core:3", "disk:nvme0n1") and its attributes ("path", "os_index", ...; NULL if unset). */
  const char *(*target_id)(const assay_trial *trial);
  const char *(*target_attribute)(const assay_trial *trial, const char *key);

  /* [any] Parameters, as declared in the manifest. ASSAY_UNKNOWN for a key that the manifest does not declare,
   * ASSAY_BAD_PARAMETER for one that is outside its declared range or is asked for as another type.
   * On either, run() must return that status without testing. Durations are reals, in seconds. Booleans are
   * integers, 0 or 1. */
  assay_status (*parameter_integer)(const assay_trial *trial, const char *key, int64_t *value);
  assay_status (*parameter_real)(const assay_trial *trial, const char *key, double *value);
  assay_status (*parameter_text)(const assay_trial *trial, const char *key, const char **value);

  /* [any] The same seed must give the same behaviour, byte for byte. */
  uint64_t (*seed)(const assay_trial *trial);

  /* [any] The id of the injection to perform at the hardware boundary, or NULL for an honest trial. */
  const char *(*injection)(const assay_trial *trial);

  /* [any] Nonzero once the trial should end: out of time, or stopped by the user. One load from memory: call it
   * in the inner loop. run() has two seconds to return after that. */
  int32_t (*should_stop)(const assay_trial *trial);

  /* [any] Nanoseconds until should_stop() turns nonzero by itself. */
  uint64_t (*remaining_ns)(const assay_trial *trial);

  /* [any] How far the trial is, 0 to 1, and what it is doing now. */
  void (*progress)(const assay_trial *trial, double fraction, const char *doing);

  /* [any] A measurement that the manifest declares, in its declared unit. The host judges it against the limits.
   * NaN, a key that is not declared, or a declared one that never came make the trial an error. */
  assay_status (*measure)(const assay_trial *trial, const char *key, double value);

  /* [any] A conclusion about the hardware: severity (ASSAY_FAIL...), a short stable code ("wrong-result"), a plain
   * sentence with the evidence, and where ("core 3", "0x1234000"; may be NULL). */
  void (*finding)(const assay_trial *trial, int32_t severity, const char *code, const char *text, const char *where);

  /* [main] The trial cannot be done here: a category ("absent", "no-permission", "no-space",
   * "not-supported") and why. Then
   * return ASSAY_SKIPPED from run(). */
  void (*skip)(const assay_trial *trial, const char *category, const char *reason);

  /* [any] Why run() is about to return ASSAY_ERROR. */
  void (*error)(const assay_trial *trial, const char *text);
};

/* What the code says that it can do. Must agree with the manifest: `assay plugin check` compares them. The lists
 * end with NULL. */
typedef struct assay_test_description {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  const char *id;
  const char *binds;
  const char *const *parameters;
  const char *const *measurements;
  const char *const *injections;
} assay_test_description;

/* A test, made for one trial. */
typedef struct assay_test assay_test;
struct assay_test {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  void *self;        /* the plugin's own */

  /* [main] Optional (may be NULL): take what the trial needs, before the clock of the trial runs. */
  assay_status (*prepare)(assay_test *test, const assay_trial *trial);

  /* [main] Run the trial. ASSAY_OK means: it ran to its end, and all that it checked has been said. */
  assay_status (*run)(assay_test *test, const assay_trial *trial);

  /* [main] Optional (may be NULL): give back what prepare took; called after run, whatever it returned. */
  void (*cleanup)(assay_test *test, const assay_trial *trial);

  /* [main] The test object ends here. */
  void (*destroy)(assay_test *test);
};

/* get_factory(ASSAY_TEST_FACTORY) returns this. */
#define ASSAY_TEST_FACTORY "assay.test-factory/1"
typedef struct assay_test_factory {
  uint32_t struct_size;
  uint32_t count;

  /* [main] The description of test `index` (0 to count - 1); NULL past the end. */
  const assay_test_description *(*describe)(uint32_t index);

  /* [main] A new test object, or NULL for an id that is not exactly one of those described. */
  assay_test *(*create)(const char *id);
} assay_test_factory;

/* The one exported symbol: ASSAY_EXPORT const assay_entry assay_entry_v1. A data symbol, so that the runner reads the
 * version before it calls anything. */
typedef struct assay_entry {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor; /* at most the host's */

  /* [main] First call. Keep the host pointer. */
  assay_status (*init)(const assay_host *host);

  /* [main] Last call. */
  void (*deinit)(void);

  /* [main] What the plugin offers: ASSAY_TEST_FACTORY, and optional extensions (ext/bench.h). NULL for unknown ids. */
  const void *(*get_factory)(const char *id);
} assay_entry;

#ifdef __cplusplus
}
#endif

#endif
