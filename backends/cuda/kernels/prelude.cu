/* The arguments of a kernel: the same structure as `Params` in src/device.rs. */
typedef struct {
    i64 n;
    void *a[6];
    i64 rank;
    i64 shape[32];
    i64 stride[4][32];
    i64 k[10];
    f64 x[4];
} params;

typedef struct { f32 re, im; } c64;
typedef struct { f64 re, im; } c128;

/* Buffer `b` of a kernel as elements of type `T`. */
#define ARRAY(T, b) ((T *)p->a[b])
#define INPUT(T, b) ((const T *)p->a[b])

#define INF (1e308 * 1e308)
#define NOT_A_NUMBER (INF * 0.0)
#define PI 3.14159265358979323846
#define LN2 0.69314718055994530942

/* Where the element `i`, in C order, lies in each of the first `count` buffers. */
DEVICE void locate(const params *p, i64 i, int count, i64 *at)
{
    for (int b = 0; b < count; b++) at[b] = 0;
    for (i64 axis = p->rank - 1; axis >= 0; axis--) {
        i64 size = p->shape[axis], index;
        if (axis == 0) {
            index = i;
        } else {
            index = i % size;
            i /= size;
        }
        for (int b = 0; b < count; b++) at[b] += index * p->stride[b][axis];
    }
}
