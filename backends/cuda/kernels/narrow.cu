/* Complex numbers of single precision in double precision, and back with one rounding. */
DEVICE c128 wide_c64(c64 a) { return make_c128(a.re, a.im); }
DEVICE c64 narrow_c64(c128 a) { return make_c64((f32)a.re, (f32)a.im); }
DEVICE c128 wide_c128(c128 a) { return a; }
DEVICE c128 narrow_c128(c128 a) { return a; }
