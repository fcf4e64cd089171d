//! Makes programs of the protocol from a consumer's program.

use std::collections::BTreeMap;

use array_assay_interface::{Arg, Array, DType, Program, Role, Scalar, Slice, Step};
use array_assay_language::{BinaryOp, CompareOp, UnaryOp};

use super::{Case, Face, Statement, StatementKind, Trace};
use crate::expr::{Expr, Node, Num, ProgramNode};
use crate::polyfill::Place;

/// Where a result of a workload comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A register of the program.
    Register(String),
    /// An array of NumPy that the consumer itself made.
    Host,
    /// A Python number that the consumer computed from numbers.
    Python,
}

/// What a statement gave elsewhere, to go on behind it.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// An array.
    Array(Array),
    /// A Python number.
    Scalar(Scalar),
}

/// A truth value that decided which way the consumer went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    /// The index of its statement.
    pub statement: usize,
    /// The register.
    pub register: u32,
    /// The value when the program was traced.
    pub value: bool,
}

/// A program of the protocol, and what it was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Lowered {
    /// The program, which returns nothing.
    pub program: Program,
    /// For each step, the index of the statement.
    pub origins: Vec<usize>,
    /// The branches, in order.
    pub branches: Vec<Branch>,
    /// What each name means in the end.
    names: BTreeMap<String, Arg>,
    /// What the targets of each statement mean after it, for arrays and numbers in registers.
    after: Vec<Vec<Option<u32>>>,
}

impl Lowered {
    /// The register of a result.
    pub fn register(&self, origin: &Origin) -> Option<u32> {
        match origin {
            Origin::Register(name) => self.names.get(name).and_then(Arg::register),
            _ => None,
        }
    }

    /// The registers of the targets of a statement after it.
    pub fn after(&self, statement: usize) -> &[Option<u32>] {
        self.after.get(statement).map_or(&[], Vec::as_slice)
    }
}

/// The program of a text, one call a line, that returns what `r` is in the end.
pub fn straight_line(text: &str) -> Result<Program, String> {
    let statements = super::statement::parse(text, &Place::default()).map_err(|error| error.why)?;
    let mut lowering = Lowering { face: Face::Eager, device: "", steps: Vec::new(), inputs: 0, names: BTreeMap::new() };
    statements.iter().try_for_each(|statement| lowering.statement(statement))?;
    let result = lowering.names.get("r").and_then(Arg::register).ok_or("it gives no `r`")?;
    Ok(Program { inputs: Vec::new(), steps: lowering.steps, returns: vec![result] })
}

impl Trace {
    /// The program for a kind of library, on its device `device`. The statements in `given` are not run: their targets have these values.
    /// Only the first `length` statements are taken.
    ///
    /// The error says which statement cannot be made a program, and why.
    pub fn lower(
        &self,
        case: &Case,
        face: Face,
        device: &str,
        given: &BTreeMap<usize, Vec<Option<Given>>>,
        length: usize,
    ) -> Result<Lowered, (usize, String)> {
        let taken = given.range(..length).flat_map(|(_, values)| values);
        let extra = taken.filter_map(|value| if let Some(Given::Array(array)) = value { Some(array.clone()) } else { None });
        let named = case.inputs.iter().chain(&self.hosts);
        let mut names = BTreeMap::new();
        let mut inputs: Vec<Array> = Vec::new();
        for (name, array) in named {
            names.insert(name.clone(), Arg::Register(inputs.len() as u32));
            inputs.push(array.clone());
        }
        let mut next_given = inputs.len() as u32;
        inputs.extend(extra);
        let mut lowering = Lowering { face, device, steps: Vec::new(), inputs: inputs.len() as u32, names };
        let (mut origins, mut branches, mut after) = (Vec::new(), Vec::new(), Vec::new());
        for (i, statement) in self.statements.iter().take(length).enumerate() {
            match given.get(&i) {
                Some(values) => lowering.take(statement, values, &mut next_given),
                None => lowering.statement(statement).map_err(|why| (i, why))?,
            }
            origins.resize(lowering.steps.len(), i);
            let targets: Vec<Option<u32>> =
                statement.targets().iter().map(|name| lowering.names.get(name).and_then(Arg::register)).collect();
            if let (Some(value), Some(Some(register)), false) = (statement.decides(), targets.first(), given.contains_key(&i)) {
                branches.push(Branch { statement: i, register: *register, value });
            }
            after.push(targets);
        }
        let program = Program { inputs, steps: lowering.steps, returns: Vec::new() };
        Ok(Lowered { program, origins, branches, names: lowering.names, after })
    }
}

struct Lowering<'a> {
    face: Face,
    device: &'a str,
    steps: Vec<Step>,
    inputs: u32,
    names: BTreeMap<String, Arg>,
}

impl Lowering<'_> {
    fn emit(&mut self, function: impl Into<String>, args: Vec<Arg>, kwargs: Vec<(String, Arg)>) -> Arg {
        self.steps.push(Step { function: function.into(), args, kwargs, role: Role::Subject });
        Arg::Register(self.inputs + self.steps.len() as u32 - 1)
    }

    /// Takes values from elsewhere for a statement's targets. A target without a value keeps what it had.
    fn take(&mut self, statement: &Statement, values: &[Option<Given>], next: &mut u32) {
        for (i, value) in values.iter().enumerate() {
            let arg = match value {
                Some(Given::Array(_)) => {
                    *next += 1;
                    Arg::Register(*next - 1)
                }
                Some(Given::Scalar(scalar)) => Arg::Scalar(*scalar),
                None => continue,
            };
            if let Some(target) = statement.targets().get(i) {
                self.names.insert(target.clone(), arg);
            }
        }
    }

    fn statement(&mut self, statement: &Statement) -> Result<(), String> {
        match &statement.kind {
            StatementKind::Assign { targets, unpacks, value } => {
                let result = self.value(value)?;
                if !unpacks {
                    self.names.insert(targets[0].clone(), result);
                    return Ok(());
                }
                for (i, target) in targets.iter().enumerate().filter(|(_, target)| *target != "_") {
                    let item = self.emit("operator.getitem", vec![result.clone(), Arg::int(i as i128)], Vec::new());
                    self.names.insert(target.clone(), item);
                }
            }
            StatementKind::Augment { target, op, value } => {
                let (x, value) = (self.name(target)?, self.value(value)?);
                let result = self.emit(format!("operator.i{}", binary(*op).trim_end_matches('_')), vec![x, value], Vec::new());
                self.names.insert(target.clone(), result);
            }
            StatementKind::SetItem { target, key, value } => {
                let (x, key) = (self.name(target)?, self.value(key)?);
                let value = self.value(value)?;
                self.emit("operator.setitem", vec![x, key, value], Vec::new());
            }
            StatementKind::Call(value) => {
                self.value(value)?;
            }
        }
        Ok(())
    }

    fn name(&self, name: &str) -> Result<Arg, String> {
        if let Some(arg) = self.names.get(name) {
            return Ok(arg.clone());
        }
        match name {
            "inf" => Ok(Arg::Scalar(Scalar::Float(f64::INFINITY))),
            "nan" => Ok(Arg::Scalar(Scalar::Float(f64::NAN))),
            "device" => Ok(Arg::Device(self.device.to_owned())),
            _ => name.parse::<DType>().map(Arg::Dtype).map_err(|_| format!("`{name}` has no value")),
        }
    }

    fn value(&mut self, expr: &Expr) -> Result<Arg, String> {
        match &expr.node {
            Node::Number(number) => Ok(Arg::Scalar(scalar(*number))),
            Node::Name(name) => self.name(name),
            Node::Unary(op, x) => {
                let x = self.value(x)?;
                self.unary(*op, x)
            }
            Node::Binary(op, x, y) => {
                let (x, y) = (self.value(x)?, self.value(y)?);
                Ok(self.emit(format!("operator.{}", binary(*op)), vec![x, y], Vec::new()))
            }
            Node::Compare(first, rest) => match &rest[..] {
                [(op, second)] => {
                    let (x, y) = (self.value(first)?, self.value(second)?);
                    Ok(self.emit(format!("operator.{}", comparison(*op)), vec![x, y], Vec::new()))
                }
                _ => Err("a chain of comparisons".to_owned()),
            },
            Node::Program(node) => self.program_value(node),
            Node::And(_) | Node::Or(_) | Node::Call(..) => Err("an expression that no call of the standard is".to_owned()),
        }
    }

    fn unary(&mut self, op: UnaryOp, x: Arg) -> Result<Arg, String> {
        let function = match (op, &x) {
            (UnaryOp::Negate, Arg::Scalar(Scalar::Int(v))) => return Ok(Arg::int(-v)),
            (UnaryOp::Negate, Arg::Scalar(Scalar::Float(v))) => return Ok(Arg::Scalar(Scalar::Float(-v))),
            (UnaryOp::Negate, _) => "operator.neg",
            (UnaryOp::Plus, _) => "operator.pos",
            (UnaryOp::Invert, _) => "operator.invert",
            (UnaryOp::Not, _) => return Err("`not` of an array".to_owned()),
        };
        Ok(self.emit(function, vec![x], Vec::new()))
    }

    fn program_value(&mut self, node: &ProgramNode) -> Result<Arg, String> {
        Ok(match node {
            ProgramNode::None => Arg::None,
            ProgramNode::Ellipsis => Arg::Ellipsis,
            ProgramNode::Str(text) => Arg::Str(text.clone()),
            ProgramNode::Tuple(items) => Arg::Tuple(self.values(items)?),
            ProgramNode::List(items) => Arg::List(self.values(items)?),
            ProgramNode::Attribute(x, name) => {
                let x = self.value(x)?;
                self.emit(format!("attribute.{name}"), vec![x], Vec::new())
            }
            ProgramNode::Subscript(x, key) => {
                let (x, key) = (self.value(x)?, self.value(key)?);
                self.emit("operator.getitem", vec![x, key], Vec::new())
            }
            ProgramNode::Slice(start, stop, step) => {
                let mut part = |part: &Option<Box<Expr>>| part.as_ref().map_or(Ok(Arg::None), |part| self.value(part));
                let parts = [part(start)?, part(stop)?, part(step)?];
                self.slice(parts)
            }
            ProgramNode::Call { function, args, keywords } => self.call(function, args, keywords)?,
            _ => return Err("an expression that no consumer's program has".to_owned()),
        })
    }

    fn values(&mut self, items: &[Expr]) -> Result<Vec<Arg>, String> {
        items.iter().map(|item| self.value(item)).collect()
    }

    /// A slice. One that ends at a register is made by a step.
    fn slice(&mut self, parts: [Arg; 3]) -> Arg {
        let end = |part: &Arg| match part {
            Arg::None => Some(None),
            Arg::Scalar(Scalar::Int(v)) => i64::try_from(*v).ok().map(Some),
            _ => None,
        };
        match [end(&parts[0]), end(&parts[1]), end(&parts[2])] {
            [Some(start), Some(stop), Some(step)] => Arg::Slice(Slice { start, stop, step }),
            _ => self.emit("builtins.slice", parts.to_vec(), Vec::new()),
        }
    }

    fn call(&mut self, function: &str, args: &[Expr], keywords: &[(String, Expr)]) -> Result<Arg, String> {
        let args = self.values(args)?;
        let kwargs = keywords.iter().map(|(name, value)| Ok((name.clone(), self.value(value)?))).collect::<Result<Vec<_>, String>>()?;
        if let Some((of, method)) = function.split_once('.').filter(|(of, _)| self.names.contains_key(*of)) {
            let args = std::iter::once(self.name(of)?).chain(args).collect();
            return Ok(self.emit(format!("method.{method}"), args, kwargs));
        }
        if let Some(operation) = function.strip_prefix("at_") {
            return self.updated(operation, args, &kwargs);
        }
        Ok(match (function, &args[..]) {
            ("slice", [start, stop, step]) => self.slice([start.clone(), stop.clone(), step.clone()]),
            ("complex", [Arg::Scalar(re), Arg::Scalar(im)]) => {
                let part = |scalar: &Scalar| scalar.element().components().0;
                Arg::Scalar(Scalar::Complex((part(re), part(im))))
            }
            ("device", [Arg::Str(name)]) => Arg::Device(name.clone()),
            // The consumer converts the array and computes with the result. What it makes an array of again is an input.
            ("host", _) => Arg::None,
            ("bool" | "int" | "float" | "complex" | "list", [_]) => self.emit(format!("builtins.{function}"), args, kwargs),
            ("index", [_]) => self.emit("operator.index", args, kwargs),
            _ => self.emit(function, args, kwargs),
        })
    }

    /// array-api-extra's `at(x, key).set(y)`, or another operation: JAX's own notation if arrays cannot be changed, assignment otherwise.
    fn updated(&mut self, operation: &str, args: Vec<Arg>, kwargs: &[(String, Arg)]) -> Result<Arg, String> {
        let [x, key, y] = <[Arg; 3]>::try_from(args).map_err(|_| format!("`at_{operation}` takes an array, an index and a value"))?;
        if self.face == Face::Immutable {
            let at = self.emit("attribute.at", vec![x], Vec::new());
            let place = self.emit("operator.getitem", vec![at, key], Vec::new());
            return Ok(self.emit(format!("method.{operation}"), vec![place, y], Vec::new()));
        }
        // Without `copy`, it makes an array of a scalar object, which cannot be changed.
        let copies = if kwargs.is_empty() { Vec::new() } else { vec![("copy".to_owned(), Arg::bool(true))] };
        let x = self.emit("asarray", vec![x], copies);
        let y = match operation {
            "set" => y,
            _ => {
                let old = self.emit("operator.getitem", vec![x.clone(), key.clone()], Vec::new());
                let function = match operation {
                    "add" => "operator.iadd",
                    "subtract" => "operator.isub",
                    "multiply" => "operator.imul",
                    "divide" => "operator.itruediv",
                    "power" => "operator.ipow",
                    "min" => "minimum",
                    "max" => "maximum",
                    _ => return Err(format!("`at_{operation}` is no operation of array-api-extra")),
                };
                self.emit(function, vec![old, y], Vec::new())
            }
        };
        self.emit("operator.setitem", vec![x.clone(), key, y], Vec::new());
        Ok(x)
    }
}

fn scalar(number: Num) -> Scalar {
    match number {
        Num::Bool(v) => Scalar::Bool(v),
        Num::Int(v) => Scalar::Int(v),
        Num::Real(v) => Scalar::Float(v),
        Num::Imaginary(v) => Scalar::Complex((0.0, v)),
        Num::Complex(re, im) => Scalar::Complex((re, im)),
    }
}

/// The name of a binary operator in Python's module `operator`.
fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "add",
        BinaryOp::Subtract => "sub",
        BinaryOp::Multiply => "mul",
        BinaryOp::Divide => "truediv",
        BinaryOp::FloorDivide => "floordiv",
        BinaryOp::Remainder => "mod",
        BinaryOp::Power => "pow",
        BinaryOp::MatMul => "matmul",
        BinaryOp::BitAnd => "and_",
        BinaryOp::BitOr => "or_",
        BinaryOp::BitXor => "xor",
        BinaryOp::ShiftLeft => "lshift",
        BinaryOp::ShiftRight => "rshift",
    }
}

fn comparison(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "eq",
        CompareOp::NotEqual => "ne",
        CompareOp::Less => "lt",
        CompareOp::LessEqual => "le",
        CompareOp::Greater => "gt",
        CompareOp::GreaterEqual => "ge",
    }
}
