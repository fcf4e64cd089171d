/* Operations on booleans. */
DEVICE b8 is_true_b8(b8 a) { return a != 0; }
DEVICE b8 equal_b8(b8 a, b8 b) { return a == b; }
DEVICE b8 not_equal_b8(b8 a, b8 b) { return a != b; }
DEVICE b8 less_b8(b8 a, b8 b) { return a < b; }
DEVICE b8 logical_and_b8(b8 a, b8 b) { return a && b; }
DEVICE b8 logical_or_b8(b8 a, b8 b) { return a || b; }
DEVICE b8 logical_xor_b8(b8 a, b8 b) { return a != b; }
DEVICE b8 logical_not_b8(b8 a) { return !a; }
DEVICE b8 bitwise_and_b8(b8 a, b8 b) { return a & b; }
DEVICE b8 bitwise_or_b8(b8 a, b8 b) { return a | b; }
DEVICE b8 bitwise_xor_b8(b8 a, b8 b) { return a ^ b; }
DEVICE b8 bitwise_invert_b8(b8 a) { return !a; }
DEVICE b8 zero_b8(void) { return 0; }
DEVICE b8 one_b8(void) { return 1; }
DEVICE b8 isnan_b8(b8 a) { return a != a; }
