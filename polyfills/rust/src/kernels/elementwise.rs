//! Kernels of element-wise functions: of one operand, and of two operands that were promoted and broadcast.

use array_assay_interface::{CallError, DType};
use num_complex::Complex64;

use super::block::{Block, Cells};
use super::complex::{self, AsinhExact};
use super::real;
use crate::value::type_error;

type OfReal = fn(f64) -> f64;
type OfComplex = fn(Complex64) -> Complex64;

/// A function of floating-point numbers that keeps their dtype, for real and for complex numbers.
fn floating(name: &str) -> Option<(OfReal, OfComplex)> {
    Some(match name {
        "acos" => (f64::acos, complex::acos),
        "acosh" => (acosh, complex::acosh),
        "asin" => (f64::asin, complex::asin),
        "asinh" => (f64::asinh_exact, complex::asinh),
        "atan" => (f64::atan, complex::atan),
        "atanh" => (real::atanh, complex::atanh),
        "cos" => (f64::cos, complex::cos),
        "cosh" => (f64::cosh, complex::cosh),
        "exp" => (f64::exp, complex::exp),
        "expm1" => (f64::exp_m1, complex::expm1),
        "log" => (f64::ln, complex::log),
        "log1p" => (f64::ln_1p, complex::log1p),
        "log2" => (f64::log2, complex::log2),
        "log10" => (f64::log10, complex::log10),
        "reciprocal" => (f64::recip, |z| complex::divide(Complex64::new(1.0, 0.0), z)),
        "sin" => (f64::sin, complex::sin),
        "sinh" => (f64::sinh, complex::sinh),
        "sqrt" => (f64::sqrt, complex::sqrt),
        "tan" => (f64::tan, complex::tan),
        "tanh" => (f64::tanh, complex::tanh),
        _ => return None,
    })
}

/// The inverse hyperbolic cosine. Rust's own function cancels near one.
fn acosh(x: f64) -> f64 {
    if x < 1.0 {
        return f64::NAN;
    }
    if x > 1e8 {
        return x.ln() + std::f64::consts::LN_2;
    }
    let above = x - 1.0;
    (above + (above * (x + 1.0)).sqrt()).ln_1p()
}

/// The sign. It is zero for a zero and NaN for NaN.
fn sign(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() { x } else { 1f64.copysign(x) }
}

fn each<T: Copy, R>(items: &[T], of: impl Fn(T) -> R) -> Vec<R> {
    items.iter().map(|v| of(*v)).collect()
}

fn by_part(items: &[Complex64], of: impl Fn(f64) -> f64) -> Cells {
    Cells::Complex(each(items, |z| Complex64::new(of(z.re), of(z.im))))
}

/// Calls a function of one operand. `None` if there is none for its dtype.
pub(super) fn unary(name: &str, x: &Block) -> Option<Block> {
    use Cells::{Bool, Complex, Int, Real};
    if let Some((real, complex)) = floating(name) {
        let cells = match &x.cells {
            Real(items) => Real(each(items, real)),
            Complex(items) => Complex(each(items, complex)),
            _ => return None,
        };
        return Some(Block::new(x.dtype, x.shape.clone(), cells));
    }
    let cells = match (name, &x.cells) {
        ("abs", Int(items)) => Int(each(items, i128::abs)),
        ("abs", Real(items)) => Real(each(items, f64::abs)),
        ("abs", Complex(items)) => {
            return Some(Block::new(x.dtype.real(), x.shape.clone(), Real(each(items, |z| z.re.hypot(z.im)))));
        }
        ("bitwise_invert", Bool(items)) => Bool(each(items, |v| !v)),
        ("bitwise_invert", Int(items)) => Int(each(items, |v| !v)),
        ("ceil" | "floor" | "round" | "trunc", Int(items)) => Int(items.clone()),
        ("ceil", Real(items)) => Real(each(items, f64::ceil)),
        ("floor", Real(items)) => Real(each(items, f64::floor)),
        ("trunc", Real(items)) => Real(each(items, f64::trunc)),
        ("round", Real(items)) => Real(each(items, f64::round_ties_even)),
        ("round", Complex(items)) => by_part(items, f64::round_ties_even),
        ("conj", Complex(items)) => Complex(each(items, |z| z.conj())),
        ("conj" | "real", Int(_) | Real(_)) => x.cells.clone(),
        ("real", Complex(items)) => return Some(Block::new(x.dtype.real(), x.shape.clone(), Real(each(items, |z| z.re)))),
        ("imag", Complex(items)) => return Some(Block::new(x.dtype.real(), x.shape.clone(), Real(each(items, |z| z.im)))),
        ("imag", Int(items)) => Int(vec![0; items.len()]),
        ("imag", Real(items)) => Real(vec![0.0; items.len()]),
        ("isinf", Real(items)) => Bool(each(items, f64::is_infinite)),
        ("isinf", Complex(items)) => Bool(each(items, |z| z.re.is_infinite() || z.im.is_infinite())),
        ("isnan", Real(items)) => Bool(each(items, f64::is_nan)),
        ("isnan", Complex(items)) => Bool(each(items, |z| z.re.is_nan() || z.im.is_nan())),
        ("isfinite", Real(items)) => Bool(each(items, f64::is_finite)),
        ("isfinite", Complex(items)) => Bool(each(items, |z| z.re.is_finite() && z.im.is_finite())),
        ("isinf" | "isnan", Int(items)) => Bool(vec![false; items.len()]),
        ("isfinite", Int(items)) => Bool(vec![true; items.len()]),
        ("negative", Int(items)) => Int(each(items, |v| -v)),
        ("negative", Real(items)) => Real(each(items, |v| -v)),
        ("negative", Complex(items)) => Complex(each(items, |z| -z)),
        ("sign", Int(items)) => Int(each(items, i128::signum)),
        ("sign", Real(items)) => Real(each(items, sign)),
        ("sign", Complex(items)) => Complex(each(items, complex::sign)),
        ("signbit", Real(items)) => Bool(each(items, f64::is_sign_negative)),
        ("square", Int(items)) => Int(each(items, |v| v.wrapping_mul(v))),
        ("square", Real(items)) => Real(each(items, |v| v * v)),
        ("square", Complex(items)) => Complex(each(items, complex::square)),
        _ => return None,
    };
    let dtype = if matches!(cells, Bool(_)) { DType::Bool } else { x.dtype };
    Some(Block::new(dtype, x.shape.clone(), cells))
}

/// The gamma function. It is NaN at its poles, except at the zeros, where it is an infinity with the sign of the zero.
pub(super) fn gamma(x: f64) -> f64 {
    if x == f64::NEG_INFINITY || x < 0.0 && x.fract() == 0.0 { f64::NAN } else { libm::tgamma(x) }
}

fn pairs<T: Copy, R>(a: &[T], b: &[T], of: impl Fn(T, T) -> R) -> Vec<R> {
    a.iter().zip(b).map(|(a, b)| of(*a, *b)).collect()
}

/// Calls a function of two operands with the same dtype and shape. `None` if there is none for the dtype.
pub(super) fn binary(name: &str, x1: &Block, x2: &Block) -> Option<Block> {
    use Cells::{Bool, Complex, Int, Real};
    let cells = match (name, &x1.cells, &x2.cells) {
        ("add", Int(a), Int(b)) => Int(pairs(a, b, |a, b| a + b)),
        ("add", Real(a), Real(b)) => Real(pairs(a, b, |a, b| a + b)),
        ("add", Complex(a), Complex(b)) => Complex(pairs(a, b, |a, b| a + b)),
        ("subtract", Int(a), Int(b)) => Int(pairs(a, b, |a, b| a - b)),
        ("subtract", Real(a), Real(b)) => Real(pairs(a, b, |a, b| a - b)),
        ("subtract", Complex(a), Complex(b)) => Complex(pairs(a, b, |a, b| a - b)),
        ("multiply", Int(a), Int(b)) => Int(pairs(a, b, i128::wrapping_mul)),
        ("multiply", Real(a), Real(b)) => Real(pairs(a, b, |a, b| a * b)),
        ("multiply", Complex(a), Complex(b)) => Complex(pairs(a, b, |a, b| a * b)),
        ("divide", Real(a), Real(b)) => Real(pairs(a, b, |a, b| a / b)),
        ("divide", Complex(a), Complex(b)) => Complex(pairs(a, b, complex::divide)),
        ("remainder", Int(a), Int(b)) => Int(pairs(a, b, |a, b| floored(a, b).1)),
        ("remainder", Real(a), Real(b)) => Real(pairs(a, b, remainder)),
        ("floor_divide", Int(a), Int(b)) => Int(pairs(a, b, |a, b| floored(a, b).0)),
        ("floor_divide", Real(a), Real(b)) => Real(pairs(a, b, floor_divide)),
        ("pow", Int(a), Int(b)) => Int(pairs(a, b, power)),
        ("pow", Real(a), Real(b)) => Real(pairs(a, b, f64::powf)),
        ("pow", Complex(a), Complex(b)) => Complex(pairs(a, b, complex::pow)),
        ("atan2", Real(a), Real(b)) => Real(pairs(a, b, f64::atan2)),
        ("hypot", Real(a), Real(b)) => Real(pairs(a, b, f64::hypot)),
        ("nextafter", Real(a), Real(b)) if x1.dtype == DType::Float32 => {
            Real(pairs(a, b, |a, b| f64::from(next_after(a as f32, b as f32, f32::next_up, f32::next_down, 0.0))))
        }
        ("nextafter", Real(a), Real(b)) => Real(pairs(a, b, |a, b| next_after(a, b, f64::next_up, f64::next_down, 0.0))),
        ("bitwise_and", Bool(a), Bool(b)) => Bool(pairs(a, b, |a, b| a & b)),
        ("bitwise_and", Int(a), Int(b)) => Int(pairs(a, b, |a, b| a & b)),
        ("bitwise_or", Bool(a), Bool(b)) => Bool(pairs(a, b, |a, b| a | b)),
        ("bitwise_or", Int(a), Int(b)) => Int(pairs(a, b, |a, b| a | b)),
        ("bitwise_xor", Bool(a), Bool(b)) => Bool(pairs(a, b, |a, b| a ^ b)),
        ("bitwise_xor", Int(a), Int(b)) => Int(pairs(a, b, |a, b| a ^ b)),
        ("bitwise_left_shift", Int(a), Int(b)) => Int(pairs(a, b, |a, b| if (0..64).contains(&b) { a.wrapping_shl(b as u32) } else { 0 })),
        ("bitwise_right_shift", Int(a), Int(b)) => Int(pairs(a, b, |a, b| a >> b.clamp(0, 127))),
        ("equal", Bool(a), Bool(b)) => Bool(pairs(a, b, |a, b| a == b)),
        ("equal", Int(a), Int(b)) => Bool(pairs(a, b, |a, b| a == b)),
        ("equal", Real(a), Real(b)) => Bool(pairs(a, b, |a, b| a == b)),
        ("equal", Complex(a), Complex(b)) => Bool(pairs(a, b, |a, b| a == b)),
        ("less", Int(a), Int(b)) => Bool(pairs(a, b, |a, b| a < b)),
        ("less", Real(a), Real(b)) => Bool(pairs(a, b, |a, b| a < b)),
        _ => return None,
    };
    let dtype = if matches!(cells, Bool(_)) { DType::Bool } else { x1.dtype };
    Some(Block::new(dtype, x1.shape.clone(), cells))
}

/// The quotient rounded down, and the remainder. Both are zero if the divisor is.
fn floored(a: i128, b: i128) -> (i128, i128) {
    if b == 0 {
        return (0, 0);
    }
    let (q, r) = (a / b, a % b);
    if r != 0 && (r < 0) != (b < 0) { (q - 1, r + b) } else { (q, r) }
}

/// The remainder of a division that rounds down. It has the sign of the divisor.
fn remainder(a: f64, b: f64) -> f64 {
    let r = a % b;
    if r == 0.0 {
        0f64.copysign(b)
    } else if (r < 0.0) != (b < 0.0) {
        r + b
    } else {
        r
    }
}

/// The quotient rounded down. It is computed from the remainder, because the quotient itself may be rounded up to an integer.
fn floor_divide(a: f64, b: f64) -> f64 {
    let quotient = a / b;
    if b == 0.0 {
        return quotient;
    }
    if !quotient.is_finite() || b.is_infinite() || quotient == 0.0 {
        return if a.is_infinite() { f64::NAN } else { quotient.floor() };
    }
    let r = a % b;
    let mut whole = (a - r) / b;
    if r != 0.0 && (r < 0.0) != (b < 0.0) {
        whole -= 1.0;
    }
    if whole == 0.0 {
        return 0f64.copysign(quotient);
    }
    let floor = whole.floor();
    let whole = if whole - floor > 0.5 { floor + 1.0 } else { floor };
    // What is left of `a` shows whether a rounding moved the quotient.
    let rest = (-whole).mul_add(b, a) * b.signum();
    match rest {
        rest if rest < 0.0 => whole - 1.0,
        rest if rest > b.abs() => whole + 1.0,
        _ => whole,
    }
}

/// A power of an integer, with wrap-around. The text leaves negative exponents open.
fn power(base: i128, exponent: i128) -> i128 {
    let (mut result, mut base, mut exponent) = (1i128, base, exponent);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result.wrapping_mul(base);
        }
        base = base.wrapping_mul(base);
        exponent >>= 1;
    }
    result
}

fn next_after<T: PartialOrd + Copy>(a: T, b: T, up: fn(T) -> T, down: fn(T) -> T, zero: T) -> T {
    match a.partial_cmp(&b) {
        None if a.partial_cmp(&a).is_none() => a,
        None | Some(std::cmp::Ordering::Equal) => b,
        // The neighbours of both zeros are the same.
        Some(std::cmp::Ordering::Less) => up(if a == zero { zero } else { a }),
        Some(std::cmp::Ordering::Greater) => down(if a == zero { zero } else { a }),
    }
}

/// Calls a function of real floating-point numbers.
pub(super) fn of_reals(x: &Block, of: fn(f64) -> f64) -> Result<Block, CallError> {
    match &x.cells {
        Cells::Real(items) => Ok(Block::new(x.dtype, x.shape.clone(), Cells::Real(each(items, of)))),
        _ => Err(type_error(format!("the function is of real floating-point numbers, and not of {}", x.dtype))),
    }
}

/// Chooses elements of one array or the other.
pub(super) fn choose(condition: &Block, x1: &Block, x2: &Block) -> Result<Block, CallError> {
    let Cells::Bool(which) = &condition.cells else { return Err(type_error("a condition is an array of bool")) };
    fn chosen<T: Copy>(which: &[bool], a: &[T], b: &[T]) -> Vec<T> {
        which.iter().zip(a.iter().zip(b)).map(|(first, (a, b))| if *first { *a } else { *b }).collect()
    }
    let cells = match (&x1.cells, &x2.cells) {
        (Cells::Bool(a), Cells::Bool(b)) => Cells::Bool(chosen(which, a, b)),
        (Cells::Int(a), Cells::Int(b)) => Cells::Int(chosen(which, a, b)),
        (Cells::Real(a), Cells::Real(b)) => Cells::Real(chosen(which, a, b)),
        (Cells::Complex(a), Cells::Complex(b)) => Cells::Complex(chosen(which, a, b)),
        _ => return Err(type_error("what is chosen from has one dtype")),
    };
    Ok(Block::new(x1.dtype, x1.shape.clone(), cells))
}
