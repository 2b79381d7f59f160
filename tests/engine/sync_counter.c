/* Preloaded: counts the syncs of this process, so that a test can ask how many stand behind a commit. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>

static atomic_int counted;

int syncs_so_far(void) { return atomic_load(&counted); }

int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  int done = real(fd);
  if (done == 0) atomic_fetch_add(&counted, 1);
  return done;
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  int done = real(fd);
  if (done == 0) atomic_fetch_add(&counted, 1);
  return done;
}
