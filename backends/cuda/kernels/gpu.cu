/* The head of a module for a GPU, in CUDA C++. The threads share the bodies of a kernel among them. */
typedef unsigned char b8;
typedef signed char i8;
typedef short i16;
typedef int i32;
typedef long long i64;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef float f32;
typedef double f64;

/* A product and a sum: the fastest way of the device, for measurements alone. */
#define STEP(a, b, c) fma(a, b, c)

#define DEVICE static __device__ inline
#define KERNEL(name)                                                                          \
    DEVICE void kernel_##name##_at(const params *p, i64 i);                                   \
    extern "C" __global__ void kernel_##name(const __grid_constant__ params argument)         \
    {                                                                                         \
        i64 stride = (i64)gridDim.x * blockDim.x;                                             \
        for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < argument.n; i += stride) \
            kernel_##name##_at(&argument, i);                                                 \
    }                                                                                         \
    DEVICE void kernel_##name##_at(const params *p, i64 i)
