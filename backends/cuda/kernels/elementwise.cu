/* `$name` of elements of type $T. */
KERNEL($name_$T)
{
    i64 at[$count];
    locate(p, i, $count, at);
    ARRAY($O, 0)[at[0]] = $call;
}
