//! What special cases say of operands: those that the spec writes out, those derived from another function, and those by symmetry.

use array_assay_format::Level;
use array_assay_interface::{DType, Element};

use crate::expected::{Claim, Component, Expected};
use crate::expr::{BinaryOp, Expr, Names, NoNames, Node, Num, UnaryOp};
use crate::rule::{Rule, RuleBody, SymmetryMap, names_nan_sign};
use crate::{Function, Spec};

impl Rule {
    /// What the case says of the result for these operands, which have been promoted to `dtype`. `None` if it says nothing.
    pub fn claim(&self, spec: &Spec, function: &Function, dtype: DType, args: &[Element]) -> Option<Claim> {
        if !self.dtypes.contains(dtype) {
            return None;
        }
        let (numbers, count) = numbers(args);
        self.claim_numbers(spec, function, dtype.is_complex(), &numbers[..count])
    }

    fn claim_numbers(&self, spec: &Spec, function: &Function, complex: bool, args: &[Num]) -> Option<Claim> {
        let operands = Operands { function, complex, args };
        match &self.body {
            RuleBody::Then { when, then, approx, either_sign, alternatives } => {
                if !when.truth(&operands).ok()? {
                    return None;
                }
                let expected = |expr: &Expr| {
                    let mut expected = Expected::of(expr.eval(&operands).ok()?, || names_nan_sign(expr));
                    if complex && expected.im.is_none() && function.result.dtype_of(DType::Complex128, DType::Complex128).is_complex() {
                        expected.im = Some(Expected::of(Num::Real(0.0), || false).re);
                    }
                    expected.re = Component { approx: *approx, either_sign: either_sign[0], ..expected.re };
                    expected.im = expected.im.map(|im| Component { approx: *approx, either_sign: either_sign[1], ..im });
                    Some(expected)
                };
                std::iter::once(then).chain(alternatives).map(expected).collect::<Option<Vec<_>>>().map(Claim::OneOf)
            }
            RuleBody::Holds { when, holds } => when.truth(&operands).ok()?.then(|| Claim::Holds(holds.clone())),
            RuleBody::AsIf { expr, approx } => {
                let mut claims = derive(spec, expr, &operands)?;
                claims.retain(Expected::says_something);
                // A complex product with `1j` adds zeros, which may change the sign of a zero. The text does not say which product it
                // means.
                if turns(expr) {
                    claims.iter_mut().for_each(Expected::free_zeros);
                }
                for expected in &mut claims {
                    expected.re.approx |= approx;
                    if let Some(im) = &mut expected.im {
                        im.approx |= approx;
                    }
                }
                (!claims.is_empty()).then_some(Claim::OneOf(claims))
            }
            RuleBody::Symmetry(map) => {
                // If a written case covers the argument already, the symmetry adds nothing.
                if written(spec, function, complex, args).is_some() {
                    return None;
                }
                let mapped: Vec<Num> = args.iter().map(|x| map_num(*map, *x)).collect();
                let claims = written(spec, function, complex, &mapped).or_else(|| {
                    // Parity and conjugation together reach the fourth quadrant. Such arguments count for the parity.
                    let both = *map != SymmetryMap::Conj && function.has_symmetry(SymmetryMap::Conj);
                    let twice: Vec<Num> = mapped.iter().map(|x| map_num(SymmetryMap::Conj, *x)).collect();
                    let claims = both.then(|| written(spec, function, complex, &twice)).flatten()?;
                    let conjugate =
                        written(spec, function, complex, &args.iter().map(|x| map_num(SymmetryMap::Conj, *x)).collect::<Vec<_>>());
                    conjugate.is_none().then(|| claims.into_iter().map(Expected::conj).collect())
                })?;
                // The text says that the two are equal, and zeros of different signs are equal.
                let mut claims: Vec<Expected> = claims.into_iter().map(|e| map_expected(*map, e)).collect();
                claims.iter_mut().for_each(Expected::free_zeros);
                Some(Claim::OneOf(claims))
            }
        }
    }

    /// Whether a result fulfils a condition of this rule.
    pub fn holds(holds: &Expr, function: &Function, dtype: DType, args: &[Element], result: Element) -> bool {
        let (numbers, count) = numbers(args);
        let operands = Operands { function, complex: dtype.is_complex(), args: &numbers[..count] };
        holds.truth(&WithResult { operands, result: num(result) }).unwrap_or(false)
    }
}

impl Function {
    fn has_symmetry(&self, map: SymmetryMap) -> bool {
        self.rules.iter().any(|rule| matches!(rule.body, RuleBody::Symmetry(m) if m == map))
    }

    /// Whether the text leaves the result open for these operands.
    pub fn leaves_open(&self, dtype: DType, args: &[Element]) -> bool {
        self.unspecified.as_ref().is_some_and(|expr| {
            let (numbers, count) = numbers(args);
            expr.truth(&Operands { function: self, complex: dtype.is_complex(), args: &numbers[..count] }).unwrap_or(false)
        })
    }
}

/// The number that an element holds.
pub fn num(element: Element) -> Num {
    match element {
        Element::Bool(v) => Num::Bool(v),
        Element::Int(v) => Num::Int(v),
        Element::F32(_) | Element::F64(_) => Num::Real(element.components().0),
        Element::C64(..) | Element::C128(..) => {
            let (re, im) = element.components();
            Num::Complex(re, im)
        }
    }
}

/// The operands of a call by name, and the components of complex operands. It does not allocate, because conditions are evaluated for many
/// elements.
#[derive(Clone, Copy)]
struct Operands<'a> {
    function: &'a Function,
    complex: bool,
    args: &'a [Num],
}

/// The names of the components of the first complex operand, and of the second.
const COMPONENTS: [[&str; 2]; 2] = [["a", "b"], ["c", "d"]];

impl Names for Operands<'_> {
    fn value(&self, name: &str) -> Option<Num> {
        if self.complex && name.len() == 1 {
            for (names, arg) in COMPONENTS.iter().zip(self.args) {
                let (re, im) = arg.components();
                if name == names[0] {
                    return Some(Num::Real(re));
                }
                if name == names[1] {
                    return Some(Num::Real(im));
                }
            }
        }
        self.function.operands.iter().zip(self.args).find(|(operand, _)| operand.name == name).map(|(_, arg)| *arg)
    }
}

/// The same with the result of the function.
struct WithResult<'a> {
    operands: Operands<'a>,
    result: Num,
}

impl Names for WithResult<'_> {
    fn value(&self, name: &str) -> Option<Num> {
        if name == "result" { Some(self.result) } else { self.operands.value(name) }
    }
}

/// The numbers of up to three operands, without an allocation.
fn numbers(args: &[Element]) -> ([Num; 3], usize) {
    let mut out = [Num::Bool(false); 3];
    for (slot, arg) in out.iter_mut().zip(args) {
        *slot = num(*arg);
    }
    (out, args.len().min(3))
}

/// Whether an expression multiplies by an imaginary number.
fn turns(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |x| found |= matches!(&x.node, Node::Number(Num::Imaginary(_))));
    found
}

/// What the written cases of `function` say, without doubtful cases and cases with `holds`.
fn written(spec: &Spec, function: &Function, complex: bool, args: &[Num]) -> Option<Vec<Expected>> {
    let dtype = if complex { DType::Complex128 } else { DType::Float64 };
    let mut applying = function
        .rules
        .iter()
        .filter(|rule| rule.dtypes.contains(dtype) && matches!(rule.body, RuleBody::Then { .. }))
        .filter_map(|rule| rule.claim_numbers(spec, function, complex, args).map(|claim| (rule, claim)))
        .peekable();
    applying.peek()?;
    let mut first = None;
    for (rule, claim) in applying {
        if rule.doubt.is_some() || rule.level != Level::Must {
            return None;
        }
        if let (None, Claim::OneOf(expected)) = (&first, claim) {
            first = Some(expected);
        }
    }
    first
}

/// What all cases of `function` without a doubt say, including those by symmetry and derivation.
fn derived_or_written(spec: &Spec, function: &Function, args: &[Num]) -> Option<Vec<Expected>> {
    let complex = args.iter().any(|x| x.is_complex());
    let args: Vec<Num> = if complex {
        args.iter()
            .map(|x| {
                let (re, im) = x.components();
                Num::Complex(re, im)
            })
            .collect()
    } else {
        args.to_vec()
    };
    let dtype = if complex { DType::Complex128 } else { DType::Float64 };
    written(spec, function, complex, &args).or_else(|| {
        function
            .rules
            .iter()
            .filter(|rule| rule.dtypes.contains(dtype) && rule.doubt.is_none() && rule.level == Level::Must)
            .filter(|rule| matches!(rule.body, RuleBody::AsIf { .. } | RuleBody::Symmetry(_)))
            .find_map(|rule| match rule.claim_numbers(spec, function, complex, &args)? {
                Claim::OneOf(expected) => Some(expected),
                Claim::Holds(_) => None,
            })
    })
}

/// What the special cases of the functions called in `expr` say of its value.
fn derive(spec: &Spec, expr: &Expr, operands: &Operands<'_>) -> Option<Vec<Expected>> {
    let constant = |x: &Expr| x.eval(&NoNames).ok();
    match &expr.node {
        Node::Call(name, items) if name == "complex" => {
            let [re, im] = items.as_slice() else { return None };
            // A component that no case covers is free.
            let component = |x: &Expr| derive(spec, x, operands).map_or(Component::ANY, |e| e[0].re);
            Some(vec![Expected { re: component(re), im: Some(component(im)) }])
        }
        Node::Call(name, items) => {
            let function = spec.functions.iter().find(|f| f.name == *name)?;
            let args: Vec<Num> = items.iter().map(|x| x.eval(operands).ok()).collect::<Option<_>>()?;
            derived_or_written(spec, function, &args)
        }
        Node::Unary(UnaryOp::Negate, x) => Some(derive(spec, x, operands)?.into_iter().map(Expected::negate).collect()),
        Node::Binary(BinaryOp::Multiply, x, y) => {
            let (factor, x) = constant(x).map(|c| (c, y)).or_else(|| constant(y).map(|c| (c, x)))?;
            derive(spec, x, operands)?.into_iter().map(|e| e.multiply(factor)).collect()
        }
        Node::Binary(BinaryOp::Divide, x, y) => {
            let divisor = constant(y)?.components().0;
            derive(spec, x, operands)?.into_iter().map(|e| e.multiply(Num::Real(1.0 / divisor))).collect()
        }
        _ => None,
    }
}

impl SymmetryMap {
    /// The mapped argument.
    pub fn argument(self, x: Element) -> Element {
        match (self, x) {
            (SymmetryMap::Conj, Element::C64(re, im)) => Element::C64(re, -im),
            (SymmetryMap::Conj, Element::C128(re, im)) => Element::C128(re, -im),
            (SymmetryMap::Conj, other) => other,
            (_, Element::F32(v)) => Element::F32(-v),
            (_, Element::F64(v)) => Element::F64(-v),
            (_, Element::C64(re, im)) => Element::C64(-re, -im),
            (_, Element::C128(re, im)) => Element::C128(-re, -im),
            (_, other) => other,
        }
    }

    /// The mapped argument, as it is written of an argument `x`.
    pub fn of_x(self) -> &'static str {
        match self {
            SymmetryMap::Conj => "conj(x)",
            SymmetryMap::Odd | SymmetryMap::Even => "-x",
        }
    }

    /// The result that the symmetry demands for the mapped argument, if this is the result for the argument.
    pub fn result(self, result: Element) -> Element {
        match self {
            SymmetryMap::Even => result,
            SymmetryMap::Conj | SymmetryMap::Odd => self.argument(result),
        }
    }
}

fn map_num(map: SymmetryMap, x: Num) -> Num {
    match (map, x) {
        (SymmetryMap::Conj, Num::Complex(re, im)) => Num::Complex(re, -im),
        (SymmetryMap::Conj, other) => other,
        (_, Num::Complex(re, im)) => Num::Complex(-re, -im),
        (_, other) => Num::Real(-other.components().0),
    }
}

fn map_expected(map: SymmetryMap, expected: Expected) -> Expected {
    match map {
        SymmetryMap::Conj => expected.conj(),
        SymmetryMap::Odd => expected.negate(),
        SymmetryMap::Even => expected,
    }
}
