/* A cast of elements of type $T to $U. */
KERNEL(cast_$T_$U)
{
    i64 at[2];
    locate(p, i, 2, at);
    $T x = INPUT($T, 1)[at[1]];
    ARRAY($U, 0)[at[0]] = $expr;
}
