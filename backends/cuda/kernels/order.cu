/* Sorting and searching of elements of type $T. A NaN comes last in either order. */
DEVICE b8 precedes_$T($T a, $T b, b8 descending)
{
    if (isnan_$T(a)) return 0;
    if (isnan_$T(b)) return 1;
    return descending ? less_$T(b, a) : less_$T(a, b);
}

/* How many of `count` sorted elements come before `x`; with `equal` also those that are equal to it. */
DEVICE i64 before_$T(const $T *sorted, i64 count, $T x, b8 descending, b8 equal)
{
    i64 low = 0, high = count;
    while (low < high) {
        i64 middle = (low + high) / 2;
        b8 earlier = equal ? !precedes_$T(x, sorted[middle], descending) : precedes_$T(sorted[middle], x, descending);
        if (earlier) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* One pass of a stable merge sort of rows of k[0] elements: sorted runs of k[1] elements become runs of twice as many. An element of a run
 * finds its place in the merged run by a binary search in the other run. The keys a[0] and their indices a[1] go to a[2] and a[3]. */
KERNEL(merged_$T)
{
    i64 length = p->k[0], width = p->k[1], row = i / length, place = i % length;
    b8 descending = p->k[2] != 0;
    i64 run = place / width, first = (run & ~1ll) * width, middle = first + width;
    i64 last = middle + width < length ? middle + width : length;
    const $T *x = INPUT($T, 0) + row * length;
    i64 to = place;
    if (middle < length) {
        to = run & 1 ? place - width + before_$T(x + first, width, x[place], descending, 1)
                     : place + before_$T(x + middle, last - middle, x[place], descending, 0);
    }
    ARRAY($T, 2)[row * length + to] = x[place];
    ARRAY(i64, 3)[row * length + to] = INPUT(i64, 1)[i];
}

/* The index in a row of k[0] elements. */
KERNEL(places_$T) { ARRAY(i64, 0)[i] = i % p->k[0]; }

/* Where each element of a[2] goes among the k[0] sorted elements a[1]: before its equals, or behind them with k[1]. */
KERNEL(searched_$T) { ARRAY(i64, 0)[i] = before_$T(INPUT($T, 1), p->k[0], INPUT($T, 2)[i], 0, p->k[1] != 0); }

/* Whether each element of a[2] is among the k[0] sorted elements a[1]. */
KERNEL(member_$T)
{
    $T x = INPUT($T, 2)[i];
    i64 place = before_$T(INPUT($T, 1), p->k[0], x, 0, 0);
    ARRAY(b8, 0)[i] = place < p->k[0] && equal_$T(INPUT($T, 1)[place], x);
}

/* Whether each of some sorted elements differs from the one before. */
KERNEL(first_$T) { ARRAY(i64, 0)[i] = i == 0 || !equal_$T(INPUT($T, 1)[i - 1], INPUT($T, 1)[i]); }
