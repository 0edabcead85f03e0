/* An nbdkit plugin: a disk in memory that writes down, in order, each write and each flush that it was asked for.
 *
 *   size=BYTES   what it holds
 *   log=FILE     where that goes: 'W', offset and length (8 bytes each, this machine's order) and the bytes; 'F'
 *
 * A write stands there when it has come, a flush when it is answered: all writes before an 'F' are on the disk.
 */
#define _GNU_SOURCE
#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* One request after the other: the order is the log's. */
#define THREAD_MODEL NBDKIT_THREAD_MODEL_SERIALIZE_ALL_REQUESTS

static uint64_t size = 64 << 20;
static const char *path;
static FILE *record;
static unsigned char *memory;

static int recorded_config(const char *key, const char *value) {
  if (strcmp(key, "size") == 0) return size = strtoull(value, NULL, 10), 0;
  if (strcmp(key, "log") == 0) return path = value, 0;
  return nbdkit_error("no parameter %s", key), -1;
}

static int recorded_get_ready(void) {
  memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  record = path == NULL ? NULL : fopen(path, "wb");
  return memory == MAP_FAILED || record == NULL ? -1 : 0;
}

static void *recorded_open(int readonly) {
  (void)readonly;
  return NBDKIT_HANDLE_NOT_NEEDED;
}
static int64_t recorded_get_size(void *handle) {
  (void)handle;
  return (int64_t)size;
}
static int recorded_pread(void *handle, void *buffer, uint32_t count, uint64_t offset, uint32_t flags) {
  (void)handle, (void)flags;
  memcpy(buffer, memory + offset, count);
  return 0;
}
static int recorded_pwrite(void *handle, const void *buffer, uint32_t count, uint64_t offset, uint32_t flags) {
  (void)handle, (void)flags;
  const uint64_t place[2] = {offset, count};
  memcpy(memory + offset, buffer, count);
  const int whole = fputc('W', record) != EOF && fwrite(place, sizeof place, 1, record) == 1 &&
                    fwrite(buffer, count, 1, record) == 1 && fflush(record) == 0;
  return whole ? 0 : -1;
}
static int recorded_flush(void *handle, uint32_t flags) {
  (void)handle, (void)flags;
  return fputc('F', record) != EOF && fflush(record) == 0 ? 0 : -1;
}
static int recorded_can_fua(void *handle) {
  (void)handle;
  return NBDKIT_FUA_NONE;
}

static struct nbdkit_plugin plugin = {
    .name = "recorded-disk",
    .config = recorded_config,
    .get_ready = recorded_get_ready,
    .open = recorded_open,
    .get_size = recorded_get_size,
    .pread = recorded_pread,
    .pwrite = recorded_pwrite,
    .flush = recorded_flush,
    .can_fua = recorded_can_fua,
};

NBDKIT_REGISTER_PLUGIN(plugin)
