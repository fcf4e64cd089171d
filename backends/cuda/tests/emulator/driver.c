/* A stand-in for NVIDIA's driver, for tests of what calls it. Its GPU is the processor: memory is that of the process, and a module is a
 * source in CUDA C++, which it compiles as C. Variables make it fail:
 *
 *   EMULATED_VERSION  the version of the driver, such as 12040
 *   EMULATED_DEVICES  the number of GPUs
 *   EMULATED_MEMORY   the bytes of a GPU
 *   EMULATED_LAUNCHES after so many launches the GPU is lost
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OK = 0, INVALID = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, NOT_FOUND = 500, INVALID_IMAGE = 200, ILLEGAL_ADDRESS = 700 };

static long setting(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text ? atol(text) : otherwise;
}

/* What the driver was given and was not given back, in bytes, and the launches so far. */
static long used, launches;
static int is_lost, current;

int cuGetErrorName(int error, const char **out)
{
    *out = error == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : error == NO_DEVICE ? "CUDA_ERROR_NO_DEVICE" : error == ILLEGAL_ADDRESS ? "CUDA_ERROR_ILLEGAL_ADDRESS" : "CUDA_ERROR_OTHER";
    return OK;
}

int cuGetErrorString(int error, const char **out)
{
    *out = error == OUT_OF_MEMORY ? "out of memory" : error == NO_DEVICE ? "no CUDA-capable device is detected" : "an error of the emulator";
    return OK;
}

int cuDriverGetVersion(int *version)
{
    *version = (int)setting("EMULATED_VERSION", 12040);
    return OK;
}

int cuInit(unsigned flags) { return flags == 0 && setting("EMULATED_DEVICES", 1) > 0 ? OK : NO_DEVICE; }

int cuDeviceGetCount(int *count)
{
    *count = (int)setting("EMULATED_DEVICES", 1);
    return OK;
}

int cuDeviceGet(int *device, int ordinal)
{
    *device = ordinal;
    return ordinal < setting("EMULATED_DEVICES", 1) ? OK : INVALID;
}

/* The two halves of the compute capability. */
int cuDeviceGetAttribute(int *out, int attribute, int device)
{
    (void)device;
    *out = attribute == 75 ? 9 : 0;
    return attribute == 75 || attribute == 76 ? OK : INVALID;
}

int cuDeviceGetName(char *out, int length, int device)
{
    snprintf(out, (size_t)length, "Emulated GPU %d", device);
    return OK;
}

int cuDeviceGetDefaultMemPool(void **pool, int device)
{
    (void)device;
    *pool = &used;
    return OK;
}

int cuMemPoolSetAttribute(void *pool, int attribute, void *value) { return pool == &used && attribute == 4 && value ? OK : INVALID; }

int cuDevicePrimaryCtxRetain(void **context, int device)
{
    *context = (void *)(long)(device + 1);
    return OK;
}

int cuDevicePrimaryCtxRelease_v2(int device)
{
    (void)device;
    return OK;
}

int cuCtxSetCurrent(void *context)
{
    current = (int)(long)context;
    return current ? OK : INVALID;
}

int cuStreamCreate(void **stream, unsigned flags)
{
    *stream = (void *)(long)(current + 100);
    return current && flags <= 1 ? OK : INVALID;
}

/* A stream is used in the context in which it was made. */
static int checked(void *stream) { return is_lost ? ILLEGAL_ADDRESS : (long)stream == current + 100 ? OK : INVALID; }

int cuStreamSynchronize(void *stream) { return checked(stream); }
int cuStreamDestroy_v2(void *stream) { return checked(stream); }

/* Each piece has its size in front, and its bytes begin as anything. */
int cuMemAllocAsync(unsigned long long *address, size_t bytes, void *stream)
{
    int error = checked(stream);
    if (error) return error;
    if (used + (long)bytes > setting("EMULATED_MEMORY", 1l << 40)) return OUT_OF_MEMORY;
    char *piece = malloc(bytes + 256);
    if (!piece) return OUT_OF_MEMORY;
    *(size_t *)piece = bytes;
    memset(piece + 256, 0xa5, bytes);
    used += (long)bytes;
    *address = (unsigned long long)(piece + 256);
    return OK;
}

int cuMemFreeAsync(unsigned long long address, void *stream)
{
    int error = checked(stream);
    if (error) return error;
    char *piece = (char *)address - 256;
    used -= (long)*(size_t *)piece;
    free(piece);
    return OK;
}

int cuMemcpyHtoDAsync_v2(unsigned long long to, const void *from, size_t bytes, void *stream)
{
    memcpy((void *)to, from, bytes);
    return checked(stream);
}

int cuMemcpyDtoHAsync_v2(void *to, unsigned long long from, size_t bytes, void *stream)
{
    memcpy(to, (const void *)from, bytes);
    return checked(stream);
}

int cuMemcpyDtoDAsync_v2(unsigned long long to, unsigned long long from, size_t bytes, void *stream)
{
    memcpy((void *)to, (const void *)from, bytes);
    return checked(stream);
}

static const char HEAD[] =
    "#include <math.h>\n"
    "#define __device__\n"
    "#define __global__\n"
    "#define __grid_constant__\n"
    "struct { unsigned x, y, z; } gridDim, blockDim, blockIdx, threadIdx;\n";

int cuModuleLoadData(void **module, const void *image)
{
    static int count;
    char source[256], library[256], command[800];
    const char *folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    snprintf(source, sizeof source, "%s/emulated-%d-%d.c", folder, (int)getpid(), count);
    snprintf(library, sizeof library, "%s/emulated-%d-%d.so", folder, (int)getpid(), count++);
    FILE *file = fopen(source, "w");
    if (!file) return INVALID_IMAGE;
    fputs(HEAD, file);
    for (const char *text = image; *text;) {
        /* In C a function has the linkage of C without being told so. */
        if (strncmp(text, "extern \"C\"", 10) == 0) text += 10;
        else fputc(*text++, file);
    }
    fclose(file);
    snprintf(command, sizeof command, "cc -std=gnu11 -O1 -w -fPIC -shared -ffp-contract=off -fwrapv -fno-strict-aliasing -o %s %s -lm", library, source);
    int status = system(command);
    *module = status ? NULL : dlopen(library, RTLD_NOW | RTLD_LOCAL);
    unlink(source);
    unlink(library);
    return *module ? OK : INVALID_IMAGE;
}

int cuModuleUnload(void *module) { return dlclose(module) ? INVALID : OK; }

/* As many bytes as the parameters of a kernel have. */
struct parameters { char bytes[PARAMETERS]; };

/* A kernel, and the variables in which it finds its thread. */
struct index { unsigned x, y, z; };
struct kernel {
    void (*run)(struct parameters);
    struct index *grid, *block, *which, *thread;
};

int cuModuleGetFunction(struct kernel **function, void *module, const char *name)
{
    struct kernel *kernel = calloc(1, sizeof *kernel);
    *(void **)&kernel->run = dlsym(module, name);
    kernel->grid = dlsym(module, "gridDim");
    kernel->block = dlsym(module, "blockDim");
    kernel->which = dlsym(module, "blockIdx");
    kernel->thread = dlsym(module, "threadIdx");
    *function = kernel;
    return kernel->run && kernel->grid ? OK : NOT_FOUND;
}

int cuLaunchKernel(struct kernel *kernel, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                   void *stream, void **parameters, void **extra)
{
    (void)extra;
    int error = checked(stream);
    if (error) return error;
    if (gx == 0 || gy * gz * by * bz != 1 || bx == 0 || bx > 1024 || shared) return INVALID;
    if (++launches > setting("EMULATED_LAUNCHES", 1l << 60)) {
        is_lost = 1;
        return ILLEGAL_ADDRESS;
    }
    struct parameters copy;
    memcpy(&copy, parameters[0], sizeof copy);
    kernel->grid->x = gx;
    kernel->block->x = bx;
    /* The last thread first: no kernel may lean on an order. */
    for (unsigned block = gx; block-- > 0;) {
        for (unsigned thread = bx; thread-- > 0;) {
            kernel->which->x = block;
            kernel->thread->x = thread;
            kernel->run(copy);
        }
    }
    return OK;
}
