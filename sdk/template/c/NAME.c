/* A plugin for Assay in C. Its manifest is manifest.json; `assay plugin check` tells whether the two agree. */
#include <assay/plugin.h>
#include <stdlib.h>
#include <string.h>

static uint8_t pattern(uint64_t seed, int64_t i) { return (uint8_t)((seed + (uint64_t)i * 0x9E3779B97F4A7C15u) >> 56); }

/* Writes a pattern into a buffer and reads it back. Put your hardware in the buffer's place. */
static assay_status run(assay_test *test, const assay_trial *trial) {
  (void)test;
  int64_t size = 0;
  const assay_status given = trial->parameter_integer(trial, "size", &size);
  if (given != ASSAY_OK) return given;
  uint8_t *buffer = malloc((size_t)size);
  if (buffer == NULL) {
    trial->error(trial, "no memory for the buffer");
    return ASSAY_ERROR;
  }
  const uint64_t seed = trial->seed(trial);
  for (int64_t i = 0; i < size; ++i) buffer[i] = pattern(seed, i);

  /* The injection stands where the hardware is: between the write and the read. */
  const char *injection = trial->injection(trial);
  if (injection != NULL && strcmp(injection, "flip-bit") == 0) buffer[seed % (uint64_t)size] ^= 1;

  double wrong = 0;
  /* Asked to stop before everything was looked at: that is no pass. */
  int64_t i = 0;
  for (; i < size && !trial->should_stop(trial); ++i)
    if (buffer[i] != pattern(seed, i)) wrong += 1;
  free(buffer);
  if (i < size) return ASSAY_CANCELLED;
  if (wrong > 0) trial->finding(trial, ASSAY_FAIL, "wrong-byte", "Bytes of the buffer changed.", NULL);
  trial->measure(trial, "wrong-bytes", wrong);
  return ASSAY_OK;
}

static void destroy(assay_test *test) { free(test); }

static const char *const parameters[] = {"size", NULL};
static const char *const measurements[] = {"wrong-bytes", NULL};
static const char *const injections[] = {"flip-bit", NULL};
static const assay_test_description description = {
    sizeof(assay_test_description), 0, "@NAME@.pattern", "machine", parameters, measurements, injections};

static const assay_test_description *describe(uint32_t index) { return index == 0 ? &description : NULL; }

static assay_test *create(const char *id) {
  if (id == NULL || strcmp(id, description.id) != 0) return NULL;
  assay_test *test = calloc(1, sizeof *test);
  if (test == NULL) return NULL;
  test->struct_size = sizeof *test;
  test->run = run;
  test->destroy = destroy;
  return test;
}

static const assay_test_factory factory = {sizeof(assay_test_factory), 1, describe, create};

static assay_status init(const assay_host *host) { return host == NULL ? ASSAY_ERROR : ASSAY_OK; }
static void deinit(void) {}
static const void *get_factory(const char *id) {
  return id != NULL && strcmp(id, ASSAY_TEST_FACTORY) == 0 ? &factory : NULL;
}

ASSAY_EXPORT const assay_entry assay_entry_v1 = {sizeof(assay_entry), ASSAY_ABI_MAJOR, ASSAY_ABI_MINOR, init, deinit,
                                                 get_factory};
