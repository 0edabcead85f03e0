/* An nbdkit plugin: a disk in memory with planted faults. It backs the rigs that nbdkit's own filters cannot make.
 *
 *   size=BYTES               what it claims to be
 *   eio=OFFSET:LENGTH[:N]    reads that touch this fail, the first N of them where N is given
 *   slow=OFFSET:LENGTH:MS    reads that touch this take so many milliseconds longer
 *   hang=OFFSET:LENGTH       reads that touch this never come back
 *   flip=OFFSET              bit 3 of this byte is read wrongly
 *   wrap=BYTES               a counterfeit: only so much is there; addresses beyond begin again at 0
 *   limbo=BYTES              a counterfeit: what is written beyond is lost, and reads as zeros
 *   lose=OFFSET:LENGTH       writes here are acknowledged and lost
 *   shift=OFFSET:LENGTH      writes here land one LENGTH before
 *   tear=OFFSET:LENGTH       of each sector that is written here only the first 200 bytes are
 */
#define _GNU_SOURCE
#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define THREAD_MODEL NBDKIT_THREAD_MODEL_PARALLEL

struct range {
  uint64_t offset, length, milliseconds; /* of eio: how many times */
};
static struct range eio, slow, hang_range, lose, shift, tear;
static uint64_t size = 64 << 20, wrap, limbo, flip = UINT64_MAX;
static unsigned char *memory;
static atomic_ulong failed;

static int take_range(const char *text, struct range *range) {
  unsigned long long offset = 0, length = 0, milliseconds = 0;
  if (sscanf(text, "%llu:%llu:%llu", &offset, &length, &milliseconds) < 2)
    return nbdkit_error("bad range %s", text), -1;
  *range = (struct range){offset, length, milliseconds};
  return 0;
}

static int faulty_config(const char *key, const char *value) {
  if (strcmp(key, "eio") == 0) return take_range(value, &eio);
  if (strcmp(key, "slow") == 0) return take_range(value, &slow);
  if (strcmp(key, "hang") == 0) return take_range(value, &hang_range);
  if (strcmp(key, "lose") == 0) return take_range(value, &lose);
  if (strcmp(key, "shift") == 0) return take_range(value, &shift);
  if (strcmp(key, "tear") == 0) return take_range(value, &tear);
  uint64_t *number = strcmp(key, "size") == 0    ? &size
                     : strcmp(key, "wrap") == 0  ? &wrap
                     : strcmp(key, "limbo") == 0 ? &limbo
                     : strcmp(key, "flip") == 0  ? &flip
                                                 : NULL;
  if (number == NULL) return nbdkit_error("no parameter %s", key), -1;
  *number = strtoull(value, NULL, 10);
  return 0;
}

static int faulty_get_ready(void) {
  memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? -1 : 0;
}

static void *faulty_open(int readonly) {
  (void)readonly;
  return NBDKIT_HANDLE_NOT_NEEDED;
}
static int64_t faulty_get_size(void *handle) {
  (void)handle;
  return (int64_t)size;
}

static int touches(const struct range *range, uint64_t offset, uint32_t count) {
  return range->length > 0 && offset < range->offset + range->length && range->offset < offset + count;
}

/* Where a byte really lies; the end of it is limbo. */
static uint64_t place(uint64_t offset) {
  if (wrap > 0) return offset % wrap;
  if (limbo > 0 && offset >= limbo) return UINT64_MAX;
  return offset;
}

static int faulty_pread(void *handle, void *buffer, uint32_t count, uint64_t offset, uint32_t flags) {
  (void)handle, (void)flags;
  unsigned char *bytes = buffer;
  if (touches(&hang_range, offset, count))
    while (nbdkit_nanosleep(3600, 0) == 0) {
    }
  if (touches(&slow, offset, count)) {
    const struct timespec time = {(time_t)(slow.milliseconds / 1000), (long)(slow.milliseconds % 1000) * 1000000};
    nanosleep(&time, NULL);
  }
  if (touches(&eio, offset, count) && (eio.milliseconds == 0 || atomic_fetch_add(&failed, 1) < eio.milliseconds))
    return nbdkit_set_error(EIO), -1;
  for (uint32_t done = 0; done < count; done += 512) {
    const uint32_t part = count - done < 512 ? count - done : 512;
    const uint64_t from = place(offset + done);
    if (from == UINT64_MAX)
      memset(bytes + done, 0, part);
    else
      memcpy(bytes + done, memory + from, part);
  }
  if (flip >= offset && flip < offset + count) bytes[flip - offset] ^= 8;
  return 0;
}

static int faulty_pwrite(void *handle, const void *buffer, uint32_t count, uint64_t offset, uint32_t flags) {
  (void)handle, (void)flags;
  for (uint32_t done = 0; done < count; done += 512) {
    const uint32_t sector = count - done < 512 ? count - done : 512;
    const uint32_t part = touches(&tear, offset + done, sector) ? 200 : sector;
    if (touches(&lose, offset + done, sector)) continue;
    const uint64_t to = place(offset + done - (touches(&shift, offset + done, sector) ? shift.length : 0));
    if (to != UINT64_MAX) memcpy(memory + to, (const unsigned char *)buffer + done, part);
  }
  return 0;
}

static int faulty_flush(void *handle, uint32_t flags) {
  (void)handle, (void)flags;
  return 0;
}

static struct nbdkit_plugin plugin = {
    .name = "faulty-disk",
    .config = faulty_config,
    .get_ready = faulty_get_ready,
    .open = faulty_open,
    .get_size = faulty_get_size,
    .pread = faulty_pread,
    .pwrite = faulty_pwrite,
    .flush = faulty_flush,
};

NBDKIT_REGISTER_PLUGIN(plugin)
