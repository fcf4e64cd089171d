//! Numbers in twice the precision of a double, real and complex.
//!
//! The algorithms are those of Dekker (1971) and Knuth, in the variants that Joldes, Muller and Popescu (ACM TOMS 44, 2017) prove accurate
//! to a few units of 2^-104.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// The unit roundoff. It leaves room for the few roundings of one operation.
pub const ROUNDOFF: f64 = 1.0 / (1u128 << 102) as f64;

/// A real number, stored as the unevaluated sum of two doubles.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Double {
    high: f64,
    low: f64,
}

/// A complex number whose components are in twice the precision of a double.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Complex {
    pub re: Double,
    pub im: Double,
}

fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let other = sum - a;
    (sum, (a - (sum - other)) + (b - other))
}

fn fast_two_sum(a: f64, b: f64) -> Double {
    let sum = a + b;
    Double { high: sum, low: b - (sum - a) }
}

/// The sum of two products. The error is small relative to the larger product.
fn products((a, b): (Double, Double), (c, d): (Double, Double)) -> Double {
    let (first, second) = (a.high * b.high, c.high * d.high);
    let first_error = a.high.mul_add(b.high, -first) + (a.high * b.low + a.low * b.high);
    let second_error = c.high.mul_add(d.high, -second) + (c.high * d.low + c.low * d.high);
    let (sum, error) = two_sum(first, second);
    fast_two_sum(sum, error + (first_error + second_error))
}

impl Double {
    pub const ZERO: Double = Double { high: 0.0, low: 0.0 };
    pub const ONE: Double = Double { high: 1.0, low: 0.0 };
    /// The natural logarithm of two.
    pub const LN_2: Double = Double { high: std::f64::consts::LN_2, low: 2.319_046_813_846_299_6e-17 };

    /// The number as a double, correctly rounded.
    pub fn value(self) -> f64 {
        self.high
    }

    pub fn low(self) -> f64 {
        self.low
    }

    pub fn abs(self) -> Double {
        if self.high < 0.0 { -self } else { self }
    }

    /// The square root. It is zero for numbers that are not positive.
    pub fn sqrt(self) -> Double {
        if self.high <= 0.0 {
            return Double::ZERO;
        }
        let root = self.high.sqrt();
        let rest = (self - Double::from(root) * Double::from(root)).high;
        fast_two_sum(root, rest / (2.0 * root))
    }

    /// The number times a power of two. The product is exact unless it underflows.
    pub fn scale(self, exponent: i32) -> Double {
        Double { high: scaled(self.high, exponent), low: scaled(self.low, exponent) }
    }
}

/// `v * 2**exponent`, in steps none of which overflows or loses digits before the result does.
pub fn scaled(v: f64, exponent: i32) -> f64 {
    let mut rest = exponent.clamp(-4000, 4000);
    let mut out = v;
    while rest != 0 {
        let step = rest.clamp(-1000, 1000);
        out *= 2f64.powi(step);
        rest -= step;
    }
    out
}

impl From<f64> for Double {
    fn from(v: f64) -> Double {
        Double { high: v, low: 0.0 }
    }
}

impl Neg for Double {
    type Output = Double;

    fn neg(self) -> Double {
        Double { high: -self.high, low: -self.low }
    }
}

impl Add for Double {
    type Output = Double;

    fn add(self, other: Double) -> Double {
        let (sum, error) = two_sum(self.high, other.high);
        let (low, low_error) = two_sum(self.low, other.low);
        let first = fast_two_sum(sum, error + low);
        fast_two_sum(first.high, first.low + low_error)
    }
}

impl Sub for Double {
    type Output = Double;

    fn sub(self, other: Double) -> Double {
        self + -other
    }
}

impl Mul for Double {
    type Output = Double;

    fn mul(self, other: Double) -> Double {
        let product = self.high * other.high;
        let error = self.high.mul_add(other.high, -product);
        fast_two_sum(product, error + (self.high * other.low + self.low * other.high))
    }
}

impl Div for Double {
    type Output = Double;

    fn div(self, other: Double) -> Double {
        let first = self.high / other.high;
        let rest = self - other * Double::from(first);
        let second = rest.high / other.high;
        let rest = rest - other * Double::from(second);
        fast_two_sum(first, second) + Double::from(rest.high / other.high)
    }
}

impl Complex {
    pub const ZERO: Complex = Complex { re: Double::ZERO, im: Double::ZERO };
    pub const ONE: Complex = Complex { re: Double::ONE, im: Double::ZERO };

    pub fn new(re: f64, im: f64) -> Complex {
        Complex { re: re.into(), im: im.into() }
    }

    pub fn conj(self) -> Complex {
        Complex { re: self.re, im: -self.im }
    }

    /// The square of the modulus.
    pub fn norm(self) -> Double {
        if self.im == Double::ZERO { self.re * self.re } else { self.re * self.re + self.im * self.im }
    }

    pub fn abs(self) -> Double {
        if self.im == Double::ZERO {
            return self.re.abs();
        }
        // The number is scaled first where the squares may overflow or vanish.
        match exponent_of(self.re.value().abs().max(self.im.value().abs())) {
            -300..=300 => self.norm().sqrt(),
            exponent => self.scale(-exponent).norm().sqrt().scale(exponent),
        }
    }

    pub fn scale(self, exponent: i32) -> Complex {
        Complex { re: self.re.scale(exponent), im: self.im.scale(exponent) }
    }

    pub fn times(self, factor: Double) -> Complex {
        // Most matrices are real, so the imaginary part is often zero.
        let im = if self.im == Double::ZERO { Double::ZERO } else { self.im * factor };
        Complex { re: self.re * factor, im }
    }

    /// The number of modulus one in the same direction. It is one for zero.
    pub fn phase(self) -> Complex {
        let modulus = self.abs();
        if modulus == Double::ZERO { Complex::ONE } else { Complex { re: self.re / modulus, im: self.im / modulus } }
    }

    /// The square root in the right half plane.
    pub fn sqrt(self) -> Complex {
        let modulus = self.abs();
        let half = Double::from(0.5);
        let (re, im) = (((modulus + self.re) * half).sqrt(), ((modulus - self.re) * half).sqrt());
        Complex { re, im: if self.im.value() < 0.0 { -im } else { im } }
    }

    pub fn is_finite(self) -> bool {
        self.re.value().is_finite() && self.im.value().is_finite()
    }
}

impl From<Double> for Complex {
    fn from(re: Double) -> Complex {
        Complex { re, im: Double::ZERO }
    }
}

impl Neg for Complex {
    type Output = Complex;

    fn neg(self) -> Complex {
        Complex { re: -self.re, im: -self.im }
    }
}

impl Add for Complex {
    type Output = Complex;

    fn add(self, other: Complex) -> Complex {
        let im = if other.im == Double::ZERO { self.im } else { self.im + other.im };
        Complex { re: self.re + other.re, im }
    }
}

impl Sub for Complex {
    type Output = Complex;

    fn sub(self, other: Complex) -> Complex {
        self + -other
    }
}

impl Mul for Complex {
    type Output = Complex;

    fn mul(self, other: Complex) -> Complex {
        if self.im == Double::ZERO {
            return other.times(self.re);
        }
        if other.im == Double::ZERO {
            return self.times(other.re);
        }
        Complex { re: products((self.re, other.re), (-self.im, other.im)), im: products((self.re, other.im), (self.im, other.re)) }
    }
}

impl Div for Complex {
    type Output = Complex;

    fn div(self, other: Complex) -> Complex {
        if other.im == Double::ZERO {
            return Complex { re: self.re / other.re, im: self.im / other.re };
        }
        // The divisor is scaled, so that the square of its modulus neither overflows nor underflows.
        let exponent = -exponent_of(other.re.value().abs().max(other.im.value().abs()));
        let divisor = other.scale(exponent);
        let product = self * divisor.conj();
        let norm = divisor.norm();
        Complex { re: product.re / norm, im: product.im / norm }.scale(exponent)
    }
}

/// The binary exponent of a number. It is 0 for zero, infinities and NaN.
pub fn exponent_of(v: f64) -> i32 {
    if v == 0.0 || !v.is_finite() {
        return 0;
    }
    // A subnormal number is made normal first.
    if v.abs() < f64::MIN_POSITIVE {
        return exponent_of(v * 2f64.powi(100)) - 100;
    }
    ((v.to_bits() >> 52) & 0x7ff) as i32 - 1023
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_double_loses_is_kept() {
        let tiny = Double::from(2f64.powi(-80));
        let one = Double::ONE + tiny;
        assert_eq!((one - Double::ONE), tiny);
        assert_eq!(((one * one - Double::ONE) - tiny - tiny).value(), 0.0);
        let third = Double::ONE / Double::from(3.0);
        assert!((third * Double::from(3.0) - Double::ONE).value().abs() < ROUNDOFF);
        let root = Double::from(2.0).sqrt();
        assert!((root * root - Double::from(2.0)).value().abs() < 4.0 * ROUNDOFF);
    }

    #[test]
    fn complex_division_survives_the_ends_of_the_range() {
        let large = Complex::new(1e300, -1e300);
        let quotient = large / Complex::new(1e300, 1e300);
        assert!((quotient - Complex::new(0.0, -1.0)).abs().value() < 8.0 * ROUNDOFF, "{quotient:?}");
        assert!((large.abs().value() / 1e300 - 2f64.sqrt()).abs() < 1e-15);
        assert!((Complex::new(3e-300, 4e-300).abs().value() - 5e-300).abs() < 1e-314);
        let root = Complex::new(-3.0, -4.0).sqrt();
        assert!((root * root - Complex::new(-3.0, -4.0)).abs().value() < 16.0 * ROUNDOFF, "{root:?}");
    }

    #[test]
    fn exponents_and_scales_reach_the_subnormal_numbers() {
        assert_eq!([exponent_of(1.0), exponent_of(0.75), exponent_of(f64::MAX), exponent_of(5e-324)], [0, -1, 1023, -1074]);
        assert_eq!([scaled(1.0, -1074), scaled(5e-324, 1074), scaled(1.0, 1024)], [5e-324, 1.0, f64::INFINITY]);
    }
}
