// NCCL and the CUDA driver without a GPU: ranks are threads of one process, device memory is the host's. Declared as in
// nccl.h and cuda.h, so that the compiler says how arguments are passed.
#include <pthread.h>
#include <stddef.h>
#include <string.h>

typedef struct { char bytes[128]; } ncclUniqueId;
typedef struct { long queued, completed; int failed; } Device;
typedef struct { Device *device; int rank, size; } Comm;
typedef struct { Device *device; long mark; } Event;

enum { MaxRanks = 8, NotReady = 600 };
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static Device devices[MaxRanks];
static Comm comms[MaxRanks];
static Event events[100000];
static int eventCount, arrived, joined, lost;
static long rounds, resets;
static void *buffers[MaxRanks];
static const char *sources[MaxRanks];
static ncclUniqueId expected;
static __thread Device *current;

void stubReset(void)
{
    pthread_mutex_lock(&gate);
    memset(devices, 0, sizeof devices);
    eventCount = arrived = joined = lost = 0;
    resets++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&gate);
}

void stubLose(void) { lost = 1; }
void stubFail(int device) { devices[device].failed = 1; }

int cuInit(unsigned flags) { return (int)flags; }
int cuDeviceGet(int *device, int index) { *device = index; return 0; }
int cuDevicePrimaryCtxRetain(void **context, int device) { *context = &devices[device]; return 0; }
int cuCtxPushCurrent_v2(void *context) { current = context; return 0; }
int cuCtxPopCurrent_v2(void **context) { *context = current; current = NULL; return 0; }
int cuStreamCreate(void **stream, unsigned flags) { *stream = current; return flags == 1 ? 0 : 1; }
int cuStreamWaitEvent(void *stream, void *event, unsigned flags) { return current == NULL || event == NULL || flags != 0; }
int cuGetErrorString(int code, const char **text) { *text = "stub error"; return code == 0; }
int cuEventDestroy_v2(void *event) { return event == NULL; }

int cuEventCreate(void **event, unsigned flags)
{
    pthread_mutex_lock(&gate);
    *event = &events[eventCount++];
    pthread_mutex_unlock(&gate);
    return flags == 2 ? 0 : 1;
}

int cuEventRecord(void *event, void *stream)
{
    Event *e = event;
    e->device = current;
    e->mark = current->queued;
    return stream != NULL && stream != current;
}

int cuEventQuery(void *event)
{
    Event *e = event;
    return e->device->completed >= e->mark ? 0 : NotReady;
}

const char *ncclGetErrorString(int code) { return code == 2 ? "unhandled system error" : "invalid argument"; }
const char *ncclGetLastError(void *comm) { return comm == NULL ? "" : "the cable is out\n"; }

int ncclGetUniqueId(ncclUniqueId *id)
{
    for (int i = 0; i < 128; i++)
        id->bytes[i] = expected.bytes[i] = (char)(i * 7 + 1);
    return 0;
}

int ncclCommInitRank(void **comm, int size, ncclUniqueId id, int rank)
{
    if (current == NULL || size > MaxRanks || memcmp(&id, &expected, sizeof id) != 0)
        return 4;

    comms[rank] = (Comm){ current, rank, size };
    *comm = &comms[rank];
    pthread_mutex_lock(&gate);
    joined++;
    pthread_cond_broadcast(&changed);
    long reset = resets;
    while (joined < size && reset == resets)
        pthread_cond_wait(&changed, &gate);
    pthread_mutex_unlock(&gate);
    return 0;
}

int ncclCommDestroy(void *comm) { return comm == NULL; }
int ncclCommAbort(void *comm) { ((Comm *)comm)->device->completed = 1L << 60; return 0; }
int ncclCommGetAsyncError(void *comm, int *state) { *state = ((Comm *)comm)->device->failed ? 2 : 0; return 0; }

// The last rank to come computes for all.
static int meet(Comm *comm, const void *source, void *target, void (*compute)(int size, size_t count, int type, int how),
    size_t count, int type, int how)
{
    pthread_mutex_lock(&gate);
    comm->device->queued++;
    if (!lost) {
        sources[comm->rank] = source;
        buffers[comm->rank] = target;
        long round = rounds;
        if (++arrived == comm->size) {
            compute(comm->size, count, type, how);
            arrived = 0;
            rounds++;
            pthread_cond_broadcast(&changed);
        }
        while (round == rounds)
            pthread_cond_wait(&changed, &gate);
        comm->device->completed++;
    }
    pthread_mutex_unlock(&gate);
    return 0;
}

#define REDUCE(T) \
    for (size_t i = 0; i < count; i++) { \
        T all = ((const T *)sources[0])[i]; \
        for (int r = 1; r < size; r++) { \
            T x = ((const T *)sources[r])[i]; \
            all = how == 0 ? all + x : x > all ? x : all; \
        } \
        for (int r = 0; r < size; r++) ((T *)buffers[r])[i] = all; \
    }

static void reduce(int size, size_t count, int type, int how)
{
    if (type == 7) { REDUCE(float) }
    else if (type == 8) { REDUCE(double) }
    else if (type == 4) { REDUCE(long) }
    else if (type == 2) { REDUCE(int) }
    else if (type == 1) { REDUCE(unsigned char) }
    else if (type == 0) { REDUCE(signed char) }
}

static void gather(int size, size_t count, int type, int how)
{
    for (int target = 0; target < size; target++)
        for (int r = 0; r < size; r++)
            memcpy((char *)buffers[target] + r * count, sources[r], count);
}

static void broadcast(int size, size_t count, int type, int root)
{
    for (int r = 0; r < size; r++)
        if (r != root) memcpy(buffers[r], sources[root], count);
}

int ncclAllReduce(const void *send, void *receive, size_t count, int type, int how, void *comm, void *stream)
{
    if (stream != NULL && stream != current)
        return 4;
    return meet(comm, send, receive, reduce, count, type, how);
}

int ncclAllGather(const void *send, void *receive, size_t count, int type, void *comm, void *stream)
{
    return stream != NULL || type != 1 ? 4 : meet(comm, send, receive, gather, count, type, 0);
}

int ncclBroadcast(const void *send, void *receive, size_t count, int type, int root, void *comm, void *stream)
{
    return stream != NULL || type != 1 ? 4 : meet(comm, send, receive, broadcast, count, type, root);
}
