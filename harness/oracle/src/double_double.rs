//! Numbers of twice the precision: the unevaluated sum of two doubles, good to about 2^-104 relative.
//!
//! The algorithms are those of Dekker (1971) and Knuth (TAOCP 2, 4.2.2), in the forms of Joldes, Muller and Popescu, "Tight and rigorous
//! error bounds for basic building blocks of double-word arithmetic" (2017), with fused multiply-add.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// The sum of two doubles, the second of which is below half an ULP of the first.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct DoubleDouble {
    pub(crate) hi: f64,
    pub(crate) lo: f64,
}

/// The sum and what it was rounded by (Knuth).
fn two_sum(a: f64, b: f64) -> DoubleDouble {
    let hi = a + b;
    let other = hi - a;
    DoubleDouble { hi, lo: (a - (hi - other)) + (b - other) }
}

/// As [`two_sum`], where `a` is not the smaller one (Dekker).
fn fast_two_sum(a: f64, b: f64) -> DoubleDouble {
    let hi = a + b;
    DoubleDouble { hi, lo: b - (hi - a) }
}

/// The product and what it was rounded by.
fn two_product(a: f64, b: f64) -> DoubleDouble {
    let hi = a * b;
    DoubleDouble { hi, lo: a.mul_add(b, -hi) }
}

impl DoubleDouble {
    pub(crate) const ZERO: DoubleDouble = DoubleDouble { hi: 0.0, lo: 0.0 };
    pub(crate) const ONE: DoubleDouble = DoubleDouble { hi: 1.0, lo: 0.0 };

    /// The quotient by a double.
    pub(crate) fn over(self, b: f64) -> DoubleDouble {
        self / DoubleDouble::from(b)
    }

    /// The square root of a number that is not negative: one step of Newton's iteration from that of a double.
    pub(crate) fn sqrt(self) -> DoubleDouble {
        if self.hi == 0.0 {
            return DoubleDouble::ZERO;
        }
        let root = self.hi.sqrt();
        let rest = self - two_product(root, root);
        fast_two_sum(root, rest.hi / (2.0 * root))
    }

    /// The nearest double.
    pub(crate) fn value(self) -> f64 {
        self.hi + self.lo
    }
}

impl From<f64> for DoubleDouble {
    fn from(hi: f64) -> DoubleDouble {
        DoubleDouble { hi, lo: 0.0 }
    }
}

impl Add for DoubleDouble {
    type Output = DoubleDouble;

    fn add(self, b: DoubleDouble) -> DoubleDouble {
        let (high, low) = (two_sum(self.hi, b.hi), two_sum(self.lo, b.lo));
        let sum = fast_two_sum(high.hi, high.lo + low.hi);
        fast_two_sum(sum.hi, sum.lo + low.lo)
    }
}

impl Neg for DoubleDouble {
    type Output = DoubleDouble;

    fn neg(self) -> DoubleDouble {
        DoubleDouble { hi: -self.hi, lo: -self.lo }
    }
}

impl Sub for DoubleDouble {
    type Output = DoubleDouble;

    fn sub(self, b: DoubleDouble) -> DoubleDouble {
        self + -b
    }
}

impl Mul for DoubleDouble {
    type Output = DoubleDouble;

    fn mul(self, b: DoubleDouble) -> DoubleDouble {
        let product = two_product(self.hi, b.hi);
        let cross = self.lo.mul_add(b.hi, self.hi.mul_add(b.lo, self.lo * b.lo));
        fast_two_sum(product.hi, product.lo + cross)
    }
}

impl Div for DoubleDouble {
    type Output = DoubleDouble;

    fn div(self, b: DoubleDouble) -> DoubleDouble {
        let quotient = self.hi / b.hi;
        let rest = self - b * DoubleDouble::from(quotient);
        let correction = rest.hi / b.hi;
        let rest = rest - b * DoubleDouble::from(correction);
        let sum = fast_two_sum(quotient, correction);
        sum + DoubleDouble::from(rest.hi / b.hi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::precise::{self, Real};
    use quickcheck::quickcheck;

    /// Doubles whose sums and products neither overflow nor underflow.
    fn number(a: i64, b: i64, e: i8) -> DoubleDouble {
        two_sum(a as f64 * 2f64.powi(i32::from(e)), b as f64 * 2f64.powi(i32::from(e) - 70))
    }

    /// How far a result is from what `exact` computes at 400 bits, relative to that.
    fn error(result: DoubleDouble, exact: impl Fn(&mut precise::Precise) -> Option<Real>) -> f64 {
        precise::with(|p| {
            p.at(400, |p| {
                let got = {
                    let (hi, lo) = (p.real(result.hi).unwrap(), p.real(result.lo).unwrap());
                    p.add(&hi, &lo).unwrap()
                };
                let want = exact(p).unwrap();
                let off = p.sub(&got, &want).unwrap();
                if precise::is_zero(&off) { 0.0 } else { 2f64.powi((precise::magnitude(&off) - precise::magnitude(&want)) as i32) }
            })
        })
    }

    fn real(p: &mut precise::Precise, x: DoubleDouble) -> Real {
        let (hi, lo) = (p.real(x.hi).unwrap(), p.real(x.lo).unwrap());
        p.add(&hi, &lo).unwrap()
    }

    const LIMIT: f64 = 1.0 / (1u128 << 101) as f64;

    quickcheck! {
        fn arithmetic_is_good_to_twice_the_precision(a: (i64, i64, i8), b: (i64, i64, i8)) -> bool {
            let (a, b) = (number(a.0, a.1, a.2), number(b.0, b.1, b.2));
            let sum = error(a + b, |p| { let (a, b) = (real(p, a), real(p, b)); p.add(&a, &b) });
            let product = error(a * b, |p| { let (a, b) = (real(p, a), real(p, b)); p.mul(&a, &b) });
            let quotient = if b.hi == 0.0 { 0.0 } else { error(a / b, |p| { let (a, b) = (real(p, a), real(p, b)); p.div(&a, &b) }) };
            let square = a * a;
            let root = error(square.sqrt(), |p| { let square = real(p, square); p.sqrt(&square) });
            [sum, product, quotient, root].iter().all(|error| *error <= LIMIT)
        }
    }
}
