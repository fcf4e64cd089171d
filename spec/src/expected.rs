//! What a special case says of a result: components may be exact, approximate, of either sign, NaN, or free.

use std::fmt;

use array_assay_interface::{DType, Element};

use crate::expr::{Expr, Num};

/// What a special case says of an element of the result.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// One of several results. The first is the preferred one, and the others are alternatives that the text allows.
    OneOf(Vec<Expected>),
    /// A condition on the operands and `result`.
    Holds(Expr),
}

/// An expected element: the real component, and the imaginary one if the element is complex.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub struct Expected {
    pub re: Component,
    pub im: Option<Component>,
}

/// An expected component.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Component {
    /// The expected value.
    pub target: Target,
    /// Whether a finite nonzero value is an approximation.
    pub approx: bool,
    /// Whether the sign is unspecified.
    pub either_sign: bool,
}

/// The value of a component.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub enum Target {
    Bool(bool),
    Int(i128),
    Real(f64),
    Nan,
    /// A NaN whose sign bit matters.
    NanWithSign(bool),
    /// The text says nothing about it.
    Any,
}

impl Component {
    /// A component about which nothing is said.
    pub const ANY: Component = Component { target: Target::Any, approx: false, either_sign: false };

    fn real(v: f64) -> Component {
        let target = if v.is_nan() { Target::Nan } else { Target::Real(v) };
        Component { target, approx: false, either_sign: false }
    }

    fn is_met_by(self, got: f64, dtype: DType) -> bool {
        let want = match self.target {
            Target::Any => return true,
            Target::Nan => return got.is_nan(),
            Target::NanWithSign(negative) => return got.is_nan() && got.is_sign_negative() == negative,
            Target::Bool(v) => f64::from(u8::from(v)),
            Target::Int(v) => v as f64,
            Target::Real(v) => v,
        };
        // The expected value has double precision, and the result has the precision of its dtype.
        let want = if dtype.real() == DType::Float32 { f64::from(want as f32) } else { want };
        let (want, got) = if self.either_sign { (want.abs(), got.abs()) } else { (want, got) };
        if self.approx && want.is_finite() && want != 0.0 {
            // The text names an approximation without a limit, so a result in single precision is an approximation of a double. The
            // accuracy check judges how good it is.
            return (got - want).abs() <= want.abs() * 2f64.powi(-dtype.precision() / 4);
        }
        want.to_bits() == got.to_bits()
    }

    /// The negation of the component.
    pub fn negate(self) -> Component {
        let target = match self.target {
            Target::Real(v) => Target::Real(-v),
            Target::Int(v) => Target::Int(-v),
            Target::NanWithSign(sign) => Target::NanWithSign(!sign),
            other => other,
        };
        Component { target, ..self }
    }

    /// The product of the component with a real number, which is an approximation if it is finite and not zero.
    fn scale(self, factor: f64) -> Component {
        match self.target {
            Target::Real(v) => {
                let scaled = v * factor;
                Component {
                    approx: self.approx || scaled.is_finite() && scaled != 0.0,
                    ..Component { target: Target::Real(scaled), ..self }
                }
            }
            _ if factor < 0.0 => self.negate(),
            _ => self,
        }
    }
}

impl Expected {
    /// The result that a `then` expression describes. `nan_sign`: whether the sign of a NaN matters.
    pub fn of(value: Num, nan_sign: impl FnOnce() -> bool) -> Expected {
        let plain = |target| Component { target, approx: false, either_sign: false };
        let (re, im) = match value {
            Num::Bool(v) => (plain(Target::Bool(v)), None),
            Num::Int(v) => (plain(Target::Int(v)), None),
            Num::Real(v) if v.is_nan() && nan_sign() => (plain(Target::NanWithSign(v.is_sign_negative())), None),
            Num::Real(v) => (Component::real(v), None),
            Num::Imaginary(v) => (Component::real(0.0), Some(Component::real(v))),
            Num::Complex(re, im) => (Component::real(re), Some(Component::real(im))),
        };
        Expected { re, im }
    }

    /// The conjugate.
    pub fn conj(self) -> Expected {
        Expected { im: self.im.map(Component::negate), ..self }
    }

    /// The negation.
    pub fn negate(self) -> Expected {
        Expected { re: self.re.negate(), im: self.im.map(Component::negate) }
    }

    /// The product with a real or purely imaginary number.
    pub fn multiply(self, factor: Num) -> Option<Expected> {
        match factor {
            Num::Imaginary(v) if v.abs() == 1.0 => {
                let im = self.im?;
                let rotated = Expected { re: im.negate(), im: Some(self.re) };
                Some(if v > 0.0 { rotated } else { rotated.negate() })
            }
            Num::Imaginary(_) | Num::Complex(..) => None,
            real => {
                let factor = real.components().0;
                Some(Expected { re: self.re.scale(factor), im: self.im.map(|c| c.scale(factor)) })
            }
        }
    }

    /// Whether some component is an approximation.
    pub fn is_approximate(&self) -> bool {
        let approximate = |c: Component| c.approx && matches!(c.target, Target::Real(v) if v.is_finite() && v != 0.0);
        approximate(self.re) || self.im.is_some_and(approximate)
    }

    /// The same result with free signs of zeros.
    pub fn free_zeros(&mut self) {
        for component in std::iter::once(&mut self.re).chain(&mut self.im) {
            component.either_sign |= component.target == Target::Real(0.0);
        }
    }

    /// Whether an element of dtype `dtype` fulfils the expectation.
    pub fn is_met_by(&self, got: Element, dtype: DType) -> bool {
        match (self.re.target, got) {
            (Target::Bool(want), Element::Bool(got)) => return want == got,
            (Target::Int(want), Element::Int(got)) => return want == got,
            (Target::Real(want), Element::Int(got)) => return want == got as f64,
            _ => {}
        }
        let (re, im) = got.components();
        self.re.is_met_by(re, dtype) && self.im.is_none_or(|want| want.is_met_by(im, dtype))
    }

    /// Whether the expectation says anything about the element.
    pub fn says_something(&self) -> bool {
        self.re.target != Target::Any || self.im.is_some_and(|im| im.target != Target::Any)
    }

    /// An element that fulfils the expectation, for display and for the reference. Free components are zero.
    pub fn witness(&self) -> Element {
        let component = |c: Component| match c.target {
            Target::Bool(v) => v as u8 as f64,
            Target::Int(v) => v as f64,
            Target::Real(v) => v,
            Target::Nan => f64::NAN,
            Target::NanWithSign(sign) => f64::NAN.copysign(if sign { -1.0 } else { 1.0 }),
            Target::Any => 0.0,
        };
        match (self.re.target, self.im) {
            (_, Some(im)) => Element::C128(component(self.re), component(im)),
            (Target::Bool(v), _) => Element::Bool(v),
            (Target::Int(v), _) => Element::Int(v),
            _ => Element::F64(component(self.re)),
        }
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.approx && matches!(self.target, Target::Real(v) if v.is_finite() && v != 0.0) {
            f.write_str("≈ ")?;
        }
        if self.either_sign {
            f.write_str("±")?;
        }
        match self.target {
            Target::Bool(v) => write!(f, "{}", Element::Bool(v)),
            Target::Int(v) => write!(f, "{v}"),
            Target::Real(v) => write!(f, "{}", Element::F64(if self.either_sign { v.abs() } else { v })),
            Target::Nan => f.write_str("nan"),
            Target::NanWithSign(true) => f.write_str("nan with sign bit 1"),
            Target::NanWithSign(false) => f.write_str("nan with sign bit 0"),
            Target::Any => f.write_str("any"),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.im {
            Some(im) => write!(f, "complex({}, {im})", self.re),
            None => write!(f, "{}", self.re),
        }
    }
}
