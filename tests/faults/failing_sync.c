/* LD_PRELOAD: syncing fails with EIO while the file named by FAIL_SYNC exists, as on a dying disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int is_failing(void) {
    const char *flag = getenv("FAIL_SYNC");
    if (!flag || access(flag, F_OK)) return 0;
    errno = EIO;
    return 1;
}

int fsync(int descriptor) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return is_failing() ? -1 : real(descriptor);
}

int fdatasync(int descriptor) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return is_failing() ? -1 : real(descriptor);
}
