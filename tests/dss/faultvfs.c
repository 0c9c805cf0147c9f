/*
 * faultvfs.c - see faultvfs.h. All calls go through to the real file system; writes,
 * truncations and syncs are counted on the way.
 */
#include "faultvfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stddef.h>

struct file {
    sqlite3_file base;
    sqlite3_file *real; /* follows in memory */
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t change;
    long count, first;
    bool from, hit, held, waiting;
    sqlite3_vfs *real;
} plan = {.lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER};

static bool fails(void)
{
    pthread_mutex_lock(&plan.lock);
    plan.count++;
    bool now = plan.first > 0 && (plan.from ? plan.count >= plan.first : plan.count == plan.first);
    plan.hit |= now;
    pthread_mutex_unlock(&plan.lock);
    return now;
}

void faultvfs_fail(long n, bool from)
{
    pthread_mutex_lock(&plan.lock);
    plan.count = 0;
    plan.first = n;
    plan.from = from;
    plan.hit = false;
    pthread_mutex_unlock(&plan.lock);
}

bool faultvfs_hit(void)
{
    pthread_mutex_lock(&plan.lock);
    bool hit = plan.hit;
    pthread_mutex_unlock(&plan.lock);
    return hit;
}

static void set_held(bool held)
{
    pthread_mutex_lock(&plan.lock);
    plan.held = held;
    pthread_cond_broadcast(&plan.change);
    pthread_mutex_unlock(&plan.lock);
}

void faultvfs_hold(void)
{
    set_held(true);
}

void faultvfs_release(void)
{
    set_held(false);
}

void faultvfs_wait_held(void)
{
    pthread_mutex_lock(&plan.lock);
    while (!plan.waiting)
        pthread_cond_wait(&plan.change, &plan.lock);
    pthread_mutex_unlock(&plan.lock);
}

static void wait_while_held(void)
{
    pthread_mutex_lock(&plan.lock);
    plan.waiting = plan.held;
    pthread_cond_broadcast(&plan.change);
    while (plan.held)
        pthread_cond_wait(&plan.change, &plan.lock);
    plan.waiting = false;
    pthread_mutex_unlock(&plan.lock);
}

/* --- what is passed on ------------------------------------------------------------- */

static sqlite3_file *real_of(sqlite3_file *f)
{
    return ((struct file *)f)->real;
}

static int f_close(sqlite3_file *f)
{
    return real_of(f)->pMethods->xClose(real_of(f));
}

static int f_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    return real_of(f)->pMethods->xRead(real_of(f), to, n, at);
}

static int f_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    if (fails())
        return SQLITE_FULL;
    return real_of(f)->pMethods->xWrite(real_of(f), from, n, at);
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int f_sync(sqlite3_file *f, int flags)
{
    wait_while_held();
    if (fails())
        return SQLITE_IOERR_FSYNC;
    return real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int f_size(sqlite3_file *f, sqlite3_int64 *out)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), out);
}

static int f_lock(sqlite3_file *f, int how)
{
    return real_of(f)->pMethods->xLock(real_of(f), how);
}

static int f_unlock(sqlite3_file *f, int how)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), how);
}

static int f_reserved(sqlite3_file *f, int *out)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int f_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int f_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int f_traits(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, out);
}

static int f_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void f_shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int f_shm_unmap(sqlite3_file *f, int erase)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), erase);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = f_close,
    .xRead = f_read,
    .xWrite = f_write,
    .xTruncate = f_truncate,
    .xSync = f_sync,
    .xFileSize = f_size,
    .xLock = f_lock,
    .xUnlock = f_unlock,
    .xCheckReservedLock = f_reserved,
    .xFileControl = f_control,
    .xSectorSize = f_sector,
    .xDeviceCharacteristics = f_traits,
    .xShmMap = f_shm_map,
    .xShmLock = f_shm_lock,
    .xShmBarrier = f_shm_barrier,
    .xShmUnmap = f_shm_unmap,
};

static int v_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
    struct file *file = (struct file *)f;
    (void)vfs;
    file->real = (sqlite3_file *)(file + 1);
    int rc = plan.real->xOpen(plan.real, name, file->real, flags, out);
    file->base.pMethods = rc == SQLITE_OK ? &methods : NULL;
    return rc;
}

void faultvfs_install(void)
{
    static sqlite3_vfs vfs;
    plan.real = sqlite3_vfs_find(NULL);
    vfs = *plan.real;
    vfs.szOsFile += (int)sizeof(struct file);
    vfs.zName = "fault";
    vfs.pNext = NULL;
    vfs.xOpen = v_open;
    sqlite3_vfs_register(&vfs, 1);
}
