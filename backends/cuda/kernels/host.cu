/* The head of a module for the host, in C11. A kernel runs its body for all threads, one after the other. */
#include <math.h>

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
#define STEP(a, b, c) ((a) * (b) + (c))

#define DEVICE static inline
#define KERNEL(name)                                             \
    DEVICE void kernel_##name##_at(const params *p, i64 i);      \
    void kernel_##name(const params *p)                          \
    {                                                            \
        for (i64 i = 0; i < p->n; i++) kernel_##name##_at(p, i); \
    }                                                            \
    DEVICE void kernel_##name##_at(const params *p, i64 i)
