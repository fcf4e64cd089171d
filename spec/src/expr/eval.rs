//! Evaluation of expressions over numbers.
//!
//! Real elements are computed in double precision, integers exactly in 128 bits. A literal such as `1j` is purely imaginary,
//! as in C99 Annex G: multiplying by it rotates and does not mix a zero real part in.

use std::fmt;

use super::{BinaryOp, CompareOp, Expr, Node, UnaryOp};

/// A number.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub enum Num {
    Bool(bool),
    Int(i128),
    Real(f64),
    Imaginary(f64),
    Complex(f64, f64),
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("evaluate: {why} at column {}", at + 1)]
pub struct EvalError {
    /// Byte offset of the fault in the expression's text.
    pub at: usize,
    /// What is wrong.
    pub why: String,
}

/// What names stand for.
pub trait Names {
    /// The value of a name, if it has one.
    fn value(&self, name: &str) -> Option<Num>;
}

impl Names for [(&str, Num)] {
    fn value(&self, name: &str) -> Option<Num> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

/// No name but the constants of the language.
pub struct NoNames;

impl Names for NoNames {
    fn value(&self, _: &str) -> Option<Num> {
        None
    }
}

/// The functions of the language and how many arguments each takes.
pub const FUNCTIONS: [(&str, usize); 18] = [
    ("isnan", 1),
    ("isinf", 1),
    ("isfinite", 1),
    ("is_pos_zero", 1),
    ("is_neg_zero", 1),
    ("signbit", 1),
    ("is_integer", 1),
    ("is_odd", 1),
    ("abs", 1),
    ("trunc", 1),
    ("floor", 1),
    ("cos", 1),
    ("sin", 1),
    ("log", 1),
    ("real", 1),
    ("imag", 1),
    ("conj", 1),
    ("complex", 2),
];

/// Made of one bit: `nan_with_sign(1)`.
pub(super) const NAN_WITH_SIGN: &str = "nan_with_sign";

/// The constants of the language.
pub const CONSTANTS: [(&str, f64); 4] =
    [("inf", f64::INFINITY), ("nan", f64::NAN), ("pi", std::f64::consts::PI), ("e", std::f64::consts::E)];

impl Num {
    /// Real and imaginary component.
    pub fn components(self) -> (f64, f64) {
        match self {
            Num::Bool(v) => (v as u8 as f64, 0.0),
            Num::Int(v) => (v as f64, 0.0),
            Num::Real(v) => (v, 0.0),
            Num::Imaginary(v) => (0.0, v),
            Num::Complex(re, im) => (re, im),
        }
    }

    /// Whether it has an imaginary component.
    pub fn is_complex(self) -> bool {
        matches!(self, Num::Imaginary(_) | Num::Complex(..))
    }

    fn negate(self) -> Num {
        match self {
            Num::Bool(v) => Num::Int(-(v as i128)),
            Num::Int(v) => Num::Int(-v),
            Num::Real(v) => Num::Real(-v),
            Num::Imaginary(v) => Num::Imaginary(-v),
            Num::Complex(re, im) => Num::Complex(-re, -im),
        }
    }
}

impl fmt::Display for Num {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Num::Bool(v) => f.write_str(if *v { "True" } else { "False" }),
            Num::Int(v) => write!(f, "{v}"),
            Num::Real(v) => write!(f, "{v:?}"),
            Num::Imaginary(v) => write!(f, "{v}j"),
            Num::Complex(re, im) => write!(f, "complex({re:?}, {im:?})"),
        }
    }
}

impl Expr {
    /// Its value, the names standing for these.
    pub fn eval(&self, names: &(impl Names + ?Sized)) -> Result<Num, EvalError> {
        let fault = |why: String| EvalError { at: self.at, why };
        match &self.node {
            Node::Number(v) => Ok(*v),
            Node::Name(name) => names
                .value(name)
                .or_else(|| CONSTANTS.iter().find(|(n, _)| n == name).map(|(_, v)| Num::Real(*v)))
                .ok_or_else(|| fault(format!("unknown name `{name}`"))),
            Node::Unary(UnaryOp::Not, x) => Ok(Num::Bool(!x.truth(names)?)),
            Node::Unary(UnaryOp::Negate, x) => Ok(x.eval(names)?.negate()),
            Node::Unary(UnaryOp::Plus, x) => x.eval(names),
            Node::Unary(UnaryOp::Invert, _) | Node::Program(_) => Err(fault("only polyfills have this".to_owned())),
            Node::Binary(op, x, y) => binary(*op, x.eval(names)?, y.eval(names)?).ok_or_else(|| fault("overflow".to_owned())),
            Node::Compare(first, rest) => {
                let mut left = first.eval(names)?;
                for (op, x) in rest {
                    let right = x.eval(names)?;
                    if !compare(*op, left, right) {
                        return Ok(Num::Bool(false));
                    }
                    left = right;
                }
                Ok(Num::Bool(true))
            }
            Node::And(items) => {
                for x in items {
                    if !x.truth(names)? {
                        return Ok(Num::Bool(false));
                    }
                }
                Ok(Num::Bool(true))
            }
            Node::Or(items) => {
                for x in items {
                    if x.truth(names)? {
                        return Ok(Num::Bool(true));
                    }
                }
                Ok(Num::Bool(false))
            }
            Node::Call(name, items) => {
                let mut args = [Num::Bool(false); 2];
                for (slot, x) in args.iter_mut().zip(items) {
                    *slot = x.eval(names)?;
                }
                call(name, &args[..items.len().min(2)]).ok_or_else(|| fault(format!("no function `{name}` of {} arguments", items.len())))
            }
        }
    }

    /// Its value as a condition.
    pub fn truth(&self, names: &(impl Names + ?Sized)) -> Result<bool, EvalError> {
        Ok(match self.eval(names)? {
            Num::Bool(v) => v,
            other => other.components() != (0.0, 0.0),
        })
    }

    /// The first name or call that the language does not know, given the names that are bound.
    pub fn unknown(&self, names: &[&str], functions: &[&str]) -> Option<(String, usize)> {
        let mut found = None;
        self.walk(&mut |x| {
            let fault = match &x.node {
                Node::Name(n) if !names.contains(&n.as_str()) && !CONSTANTS.iter().any(|(c, _)| c == n) => {
                    let known: Vec<&str> = names.iter().copied().chain(CONSTANTS.iter().map(|(c, _)| *c)).collect();
                    Some(format!("unknown name `{n}`: the names here are {}", known.join(", ")))
                }
                Node::Call(f, args) => {
                    let known = FUNCTIONS.iter().any(|(name, arity)| name == f && *arity == args.len())
                        || f == NAN_WITH_SIGN && args.len() == 1
                        || functions.contains(&f.as_str());
                    (!known).then(|| format!("unknown function `{f}` of {} arguments", args.len()))
                }
                _ => None,
            };
            if let (None, Some(why)) = (&found, fault) {
                found = Some((why, x.at));
            }
        });
        found
    }
}

fn binary(op: BinaryOp, x: Num, y: Num) -> Option<Num> {
    if let (Num::Int(a), Num::Int(b)) = (x, y) {
        // Towards minus infinity, as Python divides.
        let floor_divide = || a.div_euclid(b) - ((b < 0 && a.rem_euclid(b) != 0) as i128);
        match op {
            BinaryOp::Add => return a.checked_add(b).map(Num::Int),
            BinaryOp::Subtract => return a.checked_sub(b).map(Num::Int),
            BinaryOp::Multiply => return a.checked_mul(b).map(Num::Int),
            BinaryOp::FloorDivide if b != 0 => return Some(Num::Int(floor_divide())),
            BinaryOp::Remainder if b != 0 => return Some(Num::Int(a - b * floor_divide())),
            _ => {}
        }
    }
    if x.is_complex() || y.is_complex() {
        return complex_binary(op, x, y);
    }
    let (a, b) = (x.components().0, y.components().0);
    Some(Num::Real(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide => a / b,
        BinaryOp::FloorDivide => (a / b).floor(),
        BinaryOp::Remainder => {
            let r = a % b;
            if r != 0.0 && (r < 0.0) != (b < 0.0) { r + b } else { r }
        }
        BinaryOp::Power => a.powf(b),
        // Only polyfills have the others.
        _ => return None,
    }))
}

fn complex_binary(op: BinaryOp, x: Num, y: Num) -> Option<Num> {
    let real = |v: Num| (!v.is_complex()).then(|| v.components().0);
    let ((a, b), (c, d)) = (x.components(), y.components());
    Some(match (op, x, y) {
        (BinaryOp::Add, ..) => Num::Complex(a + c, b + d),
        (BinaryOp::Subtract, ..) => Num::Complex(a - c, b - d),
        (BinaryOp::Multiply, Num::Imaginary(i), Num::Complex(re, im)) | (BinaryOp::Multiply, Num::Complex(re, im), Num::Imaginary(i)) => {
            Num::Complex(-(i * im), i * re)
        }
        (BinaryOp::Multiply, Num::Imaginary(i), Num::Imaginary(k)) => Num::Real(-(i * k)),
        (BinaryOp::Multiply, Num::Imaginary(i), other) | (BinaryOp::Multiply, other, Num::Imaginary(i)) => Num::Imaginary(i * real(other)?),
        (BinaryOp::Multiply, ..) => match (real(x), real(y)) {
            (Some(s), None) => Num::Complex(s * c, s * d),
            (None, Some(s)) => Num::Complex(a * s, b * s),
            _ => Num::Complex(a * c - b * d, a * d + b * c),
        },
        (BinaryOp::Divide, ..) => {
            let s = real(y)?;
            Num::Complex(a / s, b / s)
        }
        _ => return None,
    })
}

fn compare(op: CompareOp, x: Num, y: Num) -> bool {
    match op {
        CompareOp::Equal => equal(x, y),
        CompareOp::NotEqual => !equal(x, y),
        _ => {
            let ordering = match (x, y) {
                (Num::Int(a), Num::Int(b)) => Some(a.cmp(&b)),
                _ => x.components().0.partial_cmp(&y.components().0),
            };
            match op {
                CompareOp::Less => ordering.is_some_and(|o| o.is_lt()),
                CompareOp::LessEqual => ordering.is_some_and(|o| o.is_le()),
                CompareOp::Greater => ordering.is_some_and(|o| o.is_gt()),
                _ => ordering.is_some_and(|o| o.is_ge()),
            }
        }
    }
}

fn equal(x: Num, y: Num) -> bool {
    match (x, y) {
        (Num::Int(a), Num::Int(b)) => a == b,
        _ => x.components() == y.components(),
    }
}

fn call(name: &str, args: &[Num]) -> Option<Num> {
    if let [re, im] = args {
        return (name == "complex").then(|| Num::Complex(re.components().0, im.components().0));
    }
    let [x] = args else { return None };
    let (re, im) = x.components();
    // For real numbers `im` is zero, so that one rule serves both.
    Some(match name {
        "isnan" => Num::Bool(re.is_nan() || im.is_nan()),
        "isinf" => Num::Bool(re.is_infinite() || im.is_infinite()),
        "isfinite" => Num::Bool(re.is_finite() && im.is_finite()),
        "is_pos_zero" => Num::Bool(re == 0.0 && re.is_sign_positive()),
        "is_neg_zero" => Num::Bool(re == 0.0 && re.is_sign_negative()),
        "signbit" => Num::Bool(re.is_sign_negative()),
        "is_integer" => Num::Bool(re.is_finite() && re.fract() == 0.0),
        "is_odd" => Num::Bool(match x {
            Num::Int(v) => v % 2 != 0,
            _ => re.is_finite() && (re % 2.0).abs() == 1.0,
        }),
        "abs" => match x {
            Num::Int(v) => Num::Int(v.checked_abs()?),
            Num::Real(v) => Num::Real(v.abs()),
            _ => Num::Real(re.hypot(im)),
        },
        "trunc" => map_real(*x, f64::trunc),
        "floor" => map_real(*x, f64::floor),
        "cos" => Num::Real(re.cos()),
        "sin" => Num::Real(re.sin()),
        "log" => Num::Real(re.ln()),
        "real" => Num::Real(re),
        "imag" => Num::Real(im),
        "conj" => Num::Complex(re, -im),
        NAN_WITH_SIGN => Num::Real(f64::NAN.copysign(if re != 0.0 { -1.0 } else { 1.0 })),
        _ => return None,
    })
}

fn map_real(x: Num, f: fn(f64) -> f64) -> Num {
    match x {
        Num::Int(_) | Num::Bool(_) => x,
        other => Num::Real(f(other.components().0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eval(text: &str, names: &[(&str, Num)]) -> Num {
        Expr::parse(text).unwrap().eval(names).unwrap()
    }

    #[test]
    fn signed_zeros_and_nan_are_kept() {
        assert_eq!(eval("is_neg_zero(-0.0)", &[]), Num::Bool(true));
        assert_eq!(eval("signbit(nan_with_sign(1))", &[]), Num::Bool(true));
        assert_eq!(eval("signbit(nan_with_sign(0))", &[]), Num::Bool(false));
        assert_eq!(eval("x != x", &[("x", Num::Real(f64::NAN))]), Num::Bool(true));
        assert_eq!(eval("0 < x < 1", &[("x", Num::Real(f64::NAN))]), Num::Bool(false));
    }

    #[test]
    fn the_imaginary_unit_only_rotates() {
        let x = [("x", Num::Complex(f64::INFINITY, -0.0))];
        assert_eq!(eval("1j * x", &x), Num::Complex(0.0, f64::INFINITY));
        assert_eq!(eval("-1j * (1j * x)", &x), Num::Complex(f64::INFINITY, -0.0));
    }

    #[test]
    fn integers_are_exact() {
        let x = [("x", Num::Int((1 << 62) + 1))];
        assert_eq!(eval("x - 1 < x", &x), Num::Bool(true));
        assert_eq!(eval("is_odd(x)", &x), Num::Bool(true));
        assert_eq!(eval("-7 // 2", &[]), Num::Int(-4));
        assert_eq!(eval("7 // -2", &[]), Num::Int(-4));
        assert_eq!(eval("7 % -2", &[]), Num::Int(-1));
    }
}
