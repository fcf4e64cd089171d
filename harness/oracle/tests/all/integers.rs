//! Laws of integer arithmetic, and what the standard leaves unspecified.

use array_assay_interface::{DType, Element};
use array_assay_oracle::kernel;
use quickcheck::quickcheck;

const INTEGERS: [DType; 8] =
    [DType::Int8, DType::Int16, DType::Int32, DType::Int64, DType::Uint8, DType::Uint16, DType::Uint32, DType::Uint64];

fn value(function: &str, dtype: DType, args: &[i128]) -> Option<i128> {
    let args: Vec<Element> = args.iter().map(|v| Element::Int(*v)).collect();
    kernel(function).unwrap().eval(dtype, &args).value.map(|v| match v {
        Element::Int(v) => v,
        other => panic!("{function} gave {other:?}"),
    })
}

/// The bits of `v` as an integer of `dtype`, often small.
fn of(dtype: DType, v: u64, small: bool) -> i128 {
    let bits = 8 * dtype.size() as u32;
    let v = if small { v % 7 } else { v & (u64::MAX >> (64 - bits)) } as i128;
    let (low, high) = dtype.integer_range().unwrap();
    if v > high {
        v - (1 << bits)
    } else if small && low < 0 {
        v - 3
    } else {
        v
    }
}

/// A sum, product or the like, where the dtype holds it.
fn held(dtype: DType, v: Option<i128>) -> Option<i128> {
    let (low, high) = dtype.integer_range().unwrap();
    v.filter(|v| (low..=high).contains(v))
}

quickcheck! {
    fn arithmetic_is_exact_or_unspecified(a: (u64, bool), b: (u64, bool), dtype: usize) -> bool {
        let dtype = INTEGERS[dtype % 8];
        let (a, b) = (of(dtype, a.0, a.1), of(dtype, b.0, b.1));
        value("add", dtype, &[a, b]) == held(dtype, Some(a + b))
            && value("subtract", dtype, &[a, b]) == held(dtype, Some(a - b))
            && value("multiply", dtype, &[a, b]) == held(dtype, a.checked_mul(b))
            && value("square", dtype, &[a]) == value("multiply", dtype, &[a, a])
            && value("negative", dtype, &[a]) == value("subtract", dtype, &[0, a])
            && value("abs", dtype, &[a]) == held(dtype, Some(a.abs()))
    }

    fn division_and_remainder_make_up_the_dividend(a: (u64, bool), b: (u64, bool), dtype: usize) -> bool {
        let dtype = INTEGERS[dtype % 8];
        let (a, b) = (of(dtype, a.0, a.1), of(dtype, b.0, b.1));
        let (quotient, rest) = (value("floor_divide", dtype, &[a, b]), value("remainder", dtype, &[a, b]));
        match (b, quotient, rest) {
            (0, None, None) => true,
            // The least number divided by -1.
            (-1, None, Some(0)) => a == dtype.integer_range().unwrap().0,
            (_, Some(q), Some(r)) => q * b + r == a && (r == 0 || (r < 0) == (b < 0)) && r.abs() < b.abs(),
            _ => false,
        }
    }

    fn powers_are_repeated_products(a: (u64, bool), n: u8, dtype: usize) -> bool {
        let dtype = INTEGERS[dtype % 8];
        let (a, n) = (of(dtype, a.0, a.1), (n % 40) as i128);
        let product = (0..n).try_fold(1i128, |p, _| p.checked_mul(a));
        value("pow", dtype, &[a, n]) == held(dtype, product)
    }

    fn shifts_are_by_powers_of_two(a: (u64, bool), n: u8, dtype: usize) -> bool {
        let dtype = INTEGERS[dtype % 8];
        let (a, n) = (of(dtype, a.0, a.1), (n % 70) as i128);
        let defined = n < 8 * dtype.size() as i128;
        value("bitwise_left_shift", dtype, &[a, n]) == if defined { held(dtype, Some(a * (1i128 << n))) } else { None }
            && value("bitwise_right_shift", dtype, &[a, n]) == defined.then(|| a.div_euclid(1i128 << n))
    }

    fn bits_obey_de_morgan(a: (u64, bool), b: (u64, bool), dtype: usize) -> bool {
        let dtype = INTEGERS[dtype % 8];
        let (a, b) = (of(dtype, a.0, a.1), of(dtype, b.0, b.1));
        let not = |v| value("bitwise_invert", dtype, &[v]).unwrap();
        let two = |function, x, y| value(function, dtype, &[x, y]).unwrap();
        not(two("bitwise_and", a, b)) == two("bitwise_or", not(a), not(b))
            && two("bitwise_xor", a, b) == two("bitwise_or", a, b) - two("bitwise_and", a, b)
            && not(not(a)) == a
    }

    fn clip_lies_between(x: u64, min: u64, max: u64, dtype: usize) -> bool {
        let dtype = INTEGERS[dtype % 8];
        let (x, min, max) = (of(dtype, x, false), of(dtype, min, false), of(dtype, max, false));
        value("clip", dtype, &[x, min, max]) == (min <= max).then(|| x.max(min).min(max))
    }
}

#[test]
fn what_no_dtype_holds_is_unspecified() {
    for (function, dtype, args) in [
        ("add", DType::Int8, &[127, 1][..]),
        ("abs", DType::Int16, &[-32768]),
        ("negative", DType::Uint8, &[1]),
        ("negative", DType::Int64, &[i64::MIN as i128]),
        ("multiply", DType::Uint64, &[u64::MAX as i128, u64::MAX as i128]),
        ("floor_divide", DType::Int8, &[-128, -1]),
        ("floor_divide", DType::Int32, &[1, 0]),
        ("remainder", DType::Uint8, &[1, 0]),
        ("pow", DType::Int32, &[2, -1]),
        ("pow", DType::Int32, &[1, -1]),
        ("bitwise_left_shift", DType::Int8, &[1, 7]),
        ("bitwise_left_shift", DType::Int8, &[0, 8]),
        ("bitwise_right_shift", DType::Int8, &[1, -1]),
        ("clip", DType::Int8, &[0, 2, 1]),
    ] {
        assert_eq!(value(function, dtype, args), None, "{function} {dtype} {args:?}");
    }
}

#[test]
fn integers_have_known_values() {
    for (function, dtype, args, expected) in [
        ("floor_divide", DType::Int32, &[-7, 2][..], -4),
        ("remainder", DType::Int32, &[-7, 2], 1),
        ("remainder", DType::Int32, &[7, -2], -1),
        ("remainder", DType::Int8, &[-128, -1], 0),
        ("pow", DType::Uint8, &[0, 0], 1),
        ("pow", DType::Int8, &[-2, 7], -128),
        ("pow", DType::Uint64, &[1, u64::MAX as i128], 1),
        ("pow", DType::Int64, &[-1, i64::MAX as i128], -1),
        ("bitwise_invert", DType::Uint16, &[0], 65535),
        ("bitwise_invert", DType::Int16, &[0], -1),
        ("bitwise_right_shift", DType::Int8, &[-1, 7], -1),
        ("bitwise_left_shift", DType::Uint64, &[1, 63], 1 << 63),
        ("sign", DType::Int8, &[-5], -1),
        ("round", DType::Int64, &[i64::MAX as i128], i64::MAX as i128),
    ] {
        assert_eq!(value(function, dtype, args), Some(expected), "{function} {dtype} {args:?}");
    }
}

#[test]
fn functions_of_floats_are_undefined_for_integers() {
    for function in ["sin", "divide", "nextafter", "copysign", "signbit", "logical_and"] {
        let kernel = kernel(function).unwrap();
        assert!(!kernel.accepts(DType::Int32));
        assert_eq!(kernel.eval(DType::Int32, &[Element::Int(1), Element::Int(1)]).value, None);
    }
}
