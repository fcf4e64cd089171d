/* Arrays of indices, which are integers of 64 bits. */

/* An index of an axis of n elements, counted from the front. Sets the flag if there is no such element, and gives the first one then. */
DEVICE i64 wrapped(i64 index, i64 n, i32 *flag)
{
    if (index < 0) index += n;
    if (index < 0 || index >= n) {
        *flag = 1;
        return 0;
    }
    return index;
}

/* The places in C order, a[0], moved by the indices a[1] of an axis of k[0] elements, which lie k[1] apart. */
KERNEL(moved) { ARRAY(i64, 0)[i] += wrapped(INPUT(i64, 1)[i], p->k[0], ARRAY(i32, 2)) * p->k[1]; }

/* The places where the running count a[1] of true elements a[2] grows. */
KERNEL(compacted)
{
    if (INPUT(i64, 2)[i]) ARRAY(i64, 0)[INPUT(i64, 1)[i] - 1] = i;
}

/* The coordinate, along an axis of k[0] elements that lie k[1] apart, of places in C order. */
KERNEL(coordinate) { ARRAY(i64, 0)[i] = INPUT(i64, 1)[i] / p->k[1] % p->k[0]; }

/* a[0][a[1][i]] = a[2][i] */
KERNEL(scattered) { ARRAY(i64, 0)[INPUT(i64, 1)[i]] = INPUT(i64, 2)[i]; }

/* For each place of k[0], the number of running sums a[1], k[1] of them, that are not above it. */
KERNEL(owner)
{
    const i64 *sums = INPUT(i64, 1);
    i64 low = 0, high = p->k[1];
    while (low < high) {
        i64 middle = (low + high) / 2;
        if (sums[middle] <= i) low = middle + 1;
        else high = middle;
    }
    ARRAY(i64, 0)[i] = low;
}
