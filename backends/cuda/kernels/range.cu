/* Ranges of numbers. */

/* k[0] + i * k[1], modulo two to the power of 64. */
KERNEL(integers) { ARRAY(i64, 0)[i] = (i64)((u64)p->k[0] + (u64)i * (u64)p->k[1]); }

/* x[0] + i * x[1]. */
KERNEL(reals) { ARRAY(f64, 0)[i] = p->x[0] + (f64)i * p->x[1]; }

/* The number i of k[0] steps from x[0] to x[1], counted from the nearer end. */
KERNEL(steps)
{
    f64 start = p->x[0], stop = p->x[1], count = (f64)p->k[0];
    f64 step = stop / count - start / count, whole = (stop - start) / count;
    if (isfinite_f64(whole)) step = whole;
    f64 back = count - (f64)i;
    ARRAY(f64, 0)[i] = (f64)i <= back ? start + (f64)i * step : stop - back * step;
}
