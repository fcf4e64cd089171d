/* As many products and sums on elements of type $T as the device can do: eight chains, k[0] of both each, that wait for nothing else. */
KERNEL(ceiling_$T)
{
    $T x[8], factor = ($T)0.999, term = ($T)0.001;
    for (int chain = 0; chain < 8; chain++) x[chain] = ($T)chain + ($T)(i & 7);
    for (i64 j = 0; j < p->k[0]; j++) {
        for (int chain = 0; chain < 8; chain++) x[chain] = STEP(x[chain], factor, term);
    }
    $T total = 0;
    for (int chain = 0; chain < 8; chain++) total += x[chain];
    ARRAY($T, 0)[i] = total;
}
