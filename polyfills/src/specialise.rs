//! Turns a polyfill into steps for known dtypes, shapes and keyword values: conditions are folded, loops unrolled, and other polyfills
//! inlined.

use std::collections::BTreeMap;

use array_assay_interface::{Arg, DType, Defaults, Program, Role, Scalar, Slice, Step};
use array_assay_language::{Evaluator, Helper, Refused, binary, compare, contains, item, unary};
use array_assay_spec::expr::{BinaryOp, CompareOp, Expr, Node, Num, ProgramNode, UnaryOp};
use array_assay_spec::polyfill::{Polyfill, Statement, StatementKind};
use array_assay_spec::{Spec, SpecError};

use crate::fact::{ArrayFact, Ask, Fact, Known};
use crate::infer::{Bound, Made, infer};
use crate::library::Library;

/// The largest depth of polyfills that call one another.
const DEEPEST: usize = 32;

/// The largest number of steps for one call.
const MOST_STEPS: usize = 20_000;

/// Why a call has no steps.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Stop {
    /// The polyfill cannot be specialised. The text says where and why.
    #[error("specialise a polyfill: {0}")]
    Fault(Box<SpecError>),
    /// The polyfill raises for these arguments.
    #[error("{exception}: {message}")]
    Raised {
        /// The name of the exception.
        exception: String,
        /// The message.
        message: String,
    },
    /// The library lacks a function that has no polyfill.
    #[error("the library lacks `{name}`, which has no polyfill")]
    Missing {
        /// The path of the function.
        name: String,
    },
}

/// A program under construction.
pub(crate) struct Builder {
    /// The register of the first step's result.
    pub first: u32,
    /// The steps.
    pub steps: Vec<Step>,
    /// The role of the steps that follow.
    pub role: Role,
}

impl Builder {
    /// Adds a step. Returns the register of its result.
    pub fn push(&mut self, function: &str, args: Vec<Arg>, kwargs: Vec<(String, Arg)>) -> u32 {
        self.steps.push(Step { function: function.to_owned(), args, kwargs, role: self.role });
        self.first + self.steps.len() as u32 - 1
    }
}

/// The steps of a polyfill for given arguments, and the value that it returns.
#[derive(Debug, Clone, PartialEq)]
pub struct Specialised {
    /// The steps. They use registers after those of the inputs.
    pub steps: Vec<Step>,
    /// The returned value.
    pub result: Fact,
}

impl Specialised {
    /// A program that returns the array.
    pub fn program(&self, inputs: Vec<array_assay_interface::Array>) -> Option<Program> {
        let register = self.result.arg()?.register()?;
        Some(Program { inputs, steps: self.steps.clone(), returns: vec![register] })
    }
}

/// Specialises the polyfill of a function. `inputs` is the number of registers before those of its steps.
pub fn specialise(
    spec: &Spec,
    library: &Library,
    path: &str,
    inputs: u32,
    args: &[Fact],
    kwargs: &[(String, Fact)],
) -> Result<Specialised, Stop> {
    let polyfill = spec.polyfill(path).ok_or_else(|| Stop::Missing { name: path.to_owned() })?;
    let builder = Builder { first: inputs, steps: Vec::new(), role: Role::Subject };
    let mut specialiser = Specialiser { spec, library, builder, depth: 0 };
    let result = specialiser.call_polyfill(polyfill, args, kwargs)?;
    Ok(Specialised { steps: specialiser.builder.steps, result })
}

/// Specialises polyfills into one program.
pub(crate) struct Specialiser<'s> {
    pub spec: &'s Spec,
    pub library: &'s Library,
    pub builder: Builder,
    depth: usize,
}

/// The values of names in a call, and the polyfill that uses them.
struct Frame<'s> {
    polyfill: &'s Polyfill,
    names: BTreeMap<String, Fact>,
}

impl Frame<'_> {
    fn fault(&self, at: usize, why: impl Into<String>) -> Stop {
        let mut fault = self.polyfill.fault(at, why);
        fault.why = format!("{}: {}", self.polyfill.name, fault.why);
        Stop::Fault(Box::new(fault))
    }
}

enum Flow {
    Next,
    Return(Fact),
}

impl<'s> Specialiser<'s> {
    pub fn new(spec: &'s Spec, library: &'s Library, builder: Builder) -> Specialiser<'s> {
        Specialiser { spec, library, builder, depth: 0 }
    }

    /// Inlines a polyfill.
    pub fn call_polyfill(&mut self, polyfill: &'s Polyfill, args: &[Fact], kwargs: &[(String, Fact)]) -> Result<Fact, Stop> {
        let mut frame = Frame { polyfill, names: BTreeMap::new() };
        let wrong = |why: String| Stop::Raised { exception: "TypeError".to_owned(), message: why };
        let bound = Bound::new(&polyfill.signature, args, kwargs).map_err(wrong)?;
        for (name, fact) in bound.into_given() {
            frame.names.insert(name.to_owned(), fact);
        }
        for parameter in &polyfill.signature.parameters {
            if frame.names.contains_key(&parameter.name) {
                continue;
            }
            let text = parameter.default.as_deref().ok_or_else(|| wrong(format!("`{}` is missing", parameter.name)))?;
            let default = default_value(text).ok_or_else(|| frame.fault(0, format!("the default `{text}` is not understood")))?;
            frame.names.insert(parameter.name.clone(), default);
        }
        if self.depth == DEEPEST {
            return Err(frame.fault(0, "recursion without end"));
        }
        self.depth += 1;
        let flow = self.block(&polyfill.body, &mut frame);
        self.depth -= 1;
        match flow? {
            Flow::Return(fact) => Ok(fact),
            Flow::Next => Err(frame.fault(polyfill.text.len(), "it ends without `return`")),
        }
    }

    fn block(&mut self, body: &[Statement], frame: &mut Frame<'_>) -> Result<Flow, Stop> {
        for statement in body {
            match &statement.kind {
                StatementKind::Assign { targets, value } => {
                    let value = self.eval(value, frame)?;
                    self.assign(targets, value, statement.at, frame)?;
                }
                StatementKind::Augment { target, op, value } => {
                    let right = self.eval(value, frame)?;
                    let left = frame.names.get(target).cloned();
                    let left = left.ok_or_else(|| frame.fault(statement.at, format!("`{target}` has no value here")))?;
                    let result = self.binary(*op, left, right, statement.at, frame)?;
                    frame.names.insert(target.clone(), result);
                }
                StatementKind::If { branches, otherwise } => {
                    let mut taken = otherwise;
                    for (condition, body) in branches {
                        if self.condition(condition, frame)? {
                            taken = body;
                            break;
                        }
                    }
                    if let Flow::Return(fact) = self.block(taken, frame)? {
                        return Ok(Flow::Return(fact));
                    }
                }
                StatementKind::For { targets, items, body } => {
                    let over = self.eval(items, frame)?;
                    let over = over.items().ok_or_else(|| frame.fault(items.at, format!("the loop is over {}", over.kind())))?.to_vec();
                    for item in over {
                        self.assign(targets, item, statement.at, frame)?;
                        if let Flow::Return(fact) = self.block(body, frame)? {
                            return Ok(Flow::Return(fact));
                        }
                    }
                }
                StatementKind::Return(value) => return self.eval(value, frame).map(Flow::Return),
                StatementKind::Raise { exception, message } => {
                    return Err(Stop::Raised { exception: exception.clone(), message: message.clone() });
                }
            }
        }
        Ok(Flow::Next)
    }

    fn assign(&mut self, targets: &[String], value: Fact, at: usize, frame: &mut Frame<'_>) -> Result<(), Stop> {
        if let [target] = targets {
            frame.names.insert(target.clone(), value);
            return Ok(());
        }
        let items = value.unpack().map_err(|other| frame.fault(at, format!("{} is not taken apart", other.kind())))?;
        if items.len() != targets.len() {
            return Err(frame.fault(at, format!("{} values for {} names", items.len(), targets.len())));
        }
        frame.names.extend(targets.iter().cloned().zip(items));
        Ok(())
    }

    fn condition(&mut self, condition: &Expr, frame: &mut Frame<'_>) -> Result<bool, Stop> {
        let fact = self.eval(condition, frame)?;
        fact.truth().ok_or_else(|| {
            frame.fault(condition.at, format!("the condition is {}, which is not known before the program runs", fact.kind()))
        })
    }

    fn eval(&mut self, expr: &Expr, frame: &mut Frame<'_>) -> Result<Fact, Stop> {
        match &expr.node {
            Node::Number(v) => Ok(number(*v)),
            Node::Name(name) => match frame.names.get(name) {
                Some(fact) => Ok(fact.clone()),
                None => constant(name).ok_or_else(|| frame.fault(expr.at, format!("`{name}` has no value here"))),
            },
            Node::Unary(op, x) => {
                let operand = self.eval(x, frame)?;
                self.unary(*op, operand, expr.at, frame)
            }
            Node::Binary(op, x, y) => {
                let (left, right) = (self.eval(x, frame)?, self.eval(y, frame)?);
                self.binary(*op, left, right, expr.at, frame)
            }
            Node::Compare(first, rest) => {
                let mut left = self.eval(first, frame)?;
                let mut result = Fact::bool(true);
                for (op, x) in rest {
                    let right = self.eval(x, frame)?;
                    result = self.compare(*op, &left, &right, expr.at, frame)?;
                    if rest.len() > 1 && result.truth().is_none() {
                        return Err(frame.fault(expr.at, "comparisons of arrays are not chained"));
                    }
                    if result.truth() == Some(false) {
                        break;
                    }
                    left = right;
                }
                Ok(result)
            }
            Node::And(items) | Node::Or(items) => {
                let stops = matches!(expr.node, Node::Or(_));
                let mut last = Fact::bool(!stops);
                for item in items {
                    last = self.eval(item, frame)?;
                    let why = || frame.fault(item.at, format!("{} is not known before the program runs", last.kind()));
                    if last.truth().ok_or_else(why)? == stops {
                        break;
                    }
                }
                Ok(last)
            }
            Node::Call(name, _) => Err(frame.fault(expr.at, format!("`{name}` is no call of a polyfill"))),
            Node::Program(node) => self.program_node(node, expr.at, frame),
        }
    }

    fn program_node(&mut self, node: &ProgramNode, at: usize, frame: &mut Frame<'_>) -> Result<Fact, Stop> {
        match node {
            ProgramNode::None => Ok(Fact::None),
            ProgramNode::Ellipsis => Ok(Fact::Ellipsis),
            ProgramNode::Str(text) => Ok(Fact::Str(text.clone())),
            ProgramNode::Tuple(items) => self.all(items, frame).map(Fact::Tuple),
            ProgramNode::List(items) => self.all(items, frame).map(Fact::List),
            ProgramNode::Comprehension { element, target, iterable, condition } => {
                let over = self.eval(iterable, frame)?;
                let over = over.items().ok_or_else(|| frame.fault(at, format!("the loop is over {}", over.kind())))?.to_vec();
                let shadowed = frame.names.get(target).cloned();
                let mut out = Vec::with_capacity(over.len());
                for item in over {
                    frame.names.insert(target.clone(), item);
                    let taken = match condition {
                        Some(condition) => self.condition(condition, frame)?,
                        None => true,
                    };
                    if taken {
                        out.push(self.eval(element, frame)?);
                    }
                }
                match shadowed {
                    Some(fact) => frame.names.insert(target.clone(), fact),
                    None => frame.names.remove(target),
                };
                Ok(Fact::List(out))
            }
            ProgramNode::Attribute(x, name) => {
                let of = self.eval(x, frame)?;
                self.attribute(of, name, at, frame)
            }
            ProgramNode::Subscript(x, key) => {
                let (of, key) = (self.eval(x, frame)?, self.eval(key, frame)?);
                self.subscript(of, key, at, frame)
            }
            ProgramNode::Slice(start, stop, step) => {
                let mut part = |part: &Option<Box<Expr>>| -> Result<Option<i64>, Stop> {
                    let Some(part) = part else { return Ok(None) };
                    match self.eval(part, frame)? {
                        Fact::None => Ok(None),
                        fact => {
                            let bound = fact.integer().and_then(|v| i64::try_from(v).ok());
                            bound.map(Some).ok_or_else(|| frame.fault(part.at, format!("{} is no bound of a slice", fact.kind())))
                        }
                    }
                };
                Ok(Fact::Slice(Slice { start: part(start)?, stop: part(stop)?, step: part(step)? }))
            }
            ProgramNode::Call { function, args, keywords } => {
                let args = self.all(args, frame)?;
                let mut named = Vec::with_capacity(keywords.len());
                for (name, value) in keywords {
                    named.push((name.clone(), self.eval(value, frame)?));
                }
                self.call(function, args, named, at, frame)
            }
            ProgramNode::Starred(_) => Err(frame.fault(at, "`*` stands among arguments or items alone")),
            ProgramNode::Conditional { condition, then, otherwise } => {
                let taken = if self.condition(condition, frame)? { then } else { otherwise };
                self.eval(taken, frame)
            }
            ProgramNode::In { item, items, negated } => {
                let (item, over) = (self.eval(item, frame)?, self.eval(items, frame)?);
                let over = over.items().ok_or_else(|| frame.fault(at, format!("`in` looks into a tuple, not into {}", over.kind())))?;
                let found = contains(over, &item).ok_or_else(|| frame.fault(at, "it is not known before the program runs"))?;
                Ok(Fact::bool(found != *negated))
            }
            ProgramNode::IsNone { operand, negated } => Ok(Fact::bool((self.eval(operand, frame)? == Fact::None) != *negated)),
        }
    }

    /// Items or arguments. A starred one stands for its items.
    fn all(&mut self, items: &[Expr], frame: &mut Frame<'_>) -> Result<Vec<Fact>, Stop> {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            if let Node::Program(ProgramNode::Starred(inner)) = &item.node {
                let fact = self.eval(inner, frame)?;
                let items = fact.items().ok_or_else(|| frame.fault(item.at, format!("`*` takes a tuple, not {}", fact.kind())))?;
                out.extend_from_slice(items);
            } else {
                out.push(self.eval(item, frame)?);
            }
        }
        Ok(out)
    }

    fn unary(&mut self, op: UnaryOp, x: Fact, at: usize, frame: &Frame<'_>) -> Result<Fact, Stop> {
        if op == UnaryOp::Not {
            let truth = x.truth().ok_or_else(|| frame.fault(at, format!("`not` of {}: use `~` or `logical_not`", x.kind())))?;
            return Ok(Fact::bool(!truth));
        }
        match &x {
            Fact::Scalar(scalar) => {
                unary(op, *scalar).map(Fact::Scalar).ok_or_else(|| frame.fault(at, "the operator does not take this scalar"))
            }
            Fact::Array(Known::Array(_)) => {
                let path = op.path().ok_or_else(|| frame.fault(at, "no operator of arrays"))?;
                self.operator(path, vec![x], at, frame)
            }
            other => Err(frame.fault(at, format!("the operator does not take {}", other.kind()))),
        }
    }

    fn binary(&mut self, op: BinaryOp, x: Fact, y: Fact, at: usize, frame: &Frame<'_>) -> Result<Fact, Stop> {
        let dynamic = |fact: &Fact| fact.array().is_some() || fact.is_computed_number();
        if dynamic(&x) || dynamic(&y) {
            let (x, y) = (self.settled(x), self.settled(y));
            return self.operator(op.path(), vec![x, y], at, frame);
        }
        binary(op, &x, &y).ok_or_else(|| frame.fault(at, format!("`{}` does not take {} and {}", op.symbol(), x.kind(), y.kind())))
    }

    fn compare(&mut self, op: CompareOp, x: &Fact, y: &Fact, at: usize, frame: &Frame<'_>) -> Result<Fact, Stop> {
        if x.array().is_some() || y.array().is_some() {
            let (x, y) = (self.settled(x.clone()), self.settled(y.clone()));
            return self.operator(op.path(), vec![x, y], at, frame);
        }
        compare(op, x, y)
            .map(Fact::bool)
            .ok_or_else(|| frame.fault(at, format!("{} and {} are not compared before the program runs", x.kind(), y.kind())))
    }

    /// Applies an operator to arrays, or the function of the operator if the library lacks the operator.
    fn operator(&mut self, path: &str, mut args: Vec<Fact>, at: usize, frame: &Frame<'_>) -> Result<Fact, Stop> {
        let dtype = args.iter().find_map(|arg| arg.array()).map(|array| array.dtype);
        let function = self.spec.at_path(path).and_then(|f| f.operator.as_ref()).map(|operator| operator.semantics.clone());
        if let Some(dtype) = dtype
            && !self.library.has(self.spec, path)
            && let Some(function) = function
        {
            // A function may refuse a scalar that its operator takes.
            for arg in &mut args {
                if arg.scalar().is_some() {
                    *arg = self.call_at("asarray", vec![arg.clone()], vec![("dtype".to_owned(), Fact::Dtype(dtype))], at, frame)?;
                }
            }
            return self.call_at(&function, args, Vec::new(), at, frame);
        }
        self.step(path, args, Vec::new(), at, frame)
    }

    fn attribute(&mut self, of: Fact, name: &str, at: usize, frame: &Frame<'_>) -> Result<Fact, Stop> {
        let array = match &of {
            Fact::Array(Known::Array(array)) => array.clone(),
            Fact::Fields(..) => {
                return of.field(name).cloned().ok_or_else(|| frame.fault(at, format!("there is no attribute `{name}`")));
            }
            other => return Err(frame.fault(at, format!("{} has no attribute `{name}`", other.kind()))),
        };
        Ok(match name {
            "dtype" => Fact::Dtype(array.dtype),
            "ndim" => Fact::int(array.shape.len() as i128),
            "shape" => Fact::Tuple((0..array.shape.len()).map(|axis| size_of(&array, axis)).collect()),
            "size" => match array.shape.iter().try_fold(1, |total, n| Some(total * (*n)?)) {
                Some(size) => Fact::int(size as i128),
                None if array.shape.len() == 1 => size_of(&array, 0),
                None => return Err(frame.fault(at, "the size is not known before the program runs")),
            },
            // A library without the attribute has one device.
            "device" if !self.library.has(self.spec, "attribute.device") => Fact::None,
            "device" => {
                let register = self.builder.push("attribute.device", vec![Arg::Register(array.register)], Vec::new());
                Known::Opaque { register }.into()
            }
            "mT" | "T" => {
                let path = format!("attribute.{name}");
                if self.library.has(self.spec, &path) {
                    return self.step(&path, vec![of], Vec::new(), at, frame);
                }
                return self.call_at("matrix_transpose", vec![of], Vec::new(), at, frame);
            }
            _ => return Err(frame.fault(at, format!("an array has no attribute `{name}`"))),
        })
    }

    fn subscript(&mut self, of: Fact, key: Fact, at: usize, frame: &Frame<'_>) -> Result<Fact, Stop> {
        match &of {
            Fact::Array(Known::Array(_)) => {
                let key = self.settled(key);
                self.step("operator.getitem", vec![of, key], Vec::new(), at, frame)
            }
            Fact::Array(known) => Err(frame.fault(at, format!("{} is not indexed", known.kind()))),
            _ => item(&of, &key).map_err(|(Refused::Raises { message: why, .. } | Refused::Kind(why))| frame.fault(at, why)),
        }
    }

    /// A size as a number. The program computes it if it depends on elements.
    fn settled(&mut self, fact: Fact) -> Fact {
        fact.map(|known| match known {
            Known::Size { register, axis } => {
                let shape = self.builder.push("attribute.shape", vec![Arg::Register(register)], Vec::new());
                let args = vec![Arg::Register(shape), Arg::int(axis as i128)];
                Known::Number { register: self.builder.push("operator.getitem", args, Vec::new()) }
            }
            other => other,
        })
    }

    fn call(
        &mut self,
        function: &str,
        args: Vec<Fact>,
        kwargs: Vec<(String, Fact)>,
        at: usize,
        frame: &mut Frame<'_>,
    ) -> Result<Fact, Stop> {
        match Helper::named(function) {
            Some(helper) => helper.call(self, &args).map_err(|refused| match refused {
                Refused::Raises { exception, message } => Stop::Raised { exception: exception.to_owned(), message },
                Refused::Kind(why) => frame.fault(at, why),
            }),
            None => self.call_at(function, args, kwargs, at, frame),
        }
    }

    /// A call of a function of the standard, or of a polyfill.
    fn call_at(
        &mut self,
        function: &str,
        args: Vec<Fact>,
        kwargs: Vec<(String, Fact)>,
        at: usize,
        frame: &Frame<'_>,
    ) -> Result<Fact, Stop> {
        // A result that follows from dtypes needs no call.
        if matches!(function, "isdtype" | "result_type" | "finfo" | "iinfo" | "can_cast" | "broadcast_shapes") {
            return match infer(self.spec, self.library, function, &args, &kwargs) {
                Ok(Made::Static(fact)) => Ok(fact),
                Ok(_) => Err(frame.fault(at, format!("`{function}` is not known before the program runs"))),
                Err(why) => Err(frame.fault(at, why)),
            };
        }
        if self.library.has(self.spec, function) {
            return self.step(function, args, kwargs, at, frame);
        }
        match self.spec.polyfill(function) {
            Some(polyfill) => self.call_polyfill(polyfill, &args, &kwargs),
            None => Err(Stop::Missing { name: function.to_owned() }),
        }
    }

    fn step(&mut self, function: &str, args: Vec<Fact>, kwargs: Vec<(String, Fact)>, at: usize, frame: &Frame<'_>) -> Result<Fact, Stop> {
        if self.builder.steps.len() >= MOST_STEPS {
            return Err(frame.fault(at, format!("the call becomes more than {MOST_STEPS} steps")));
        }
        let made =
            infer(self.spec, self.library, function, &args, &kwargs).map_err(|why| frame.fault(at, format!("`{function}`: {why}")))?;
        let args: Vec<Fact> = args.into_iter().map(|arg| self.settled(arg)).collect();
        let kwargs: Vec<(String, Fact)> = kwargs.into_iter().map(|(name, fact)| (name, self.settled(fact))).collect();
        let wrong = |fact: &Fact| frame.fault(at, format!("`{function}` takes no {}", fact.kind()));
        let arguments = args.iter().map(|fact| fact.arg().ok_or_else(|| wrong(fact))).collect::<Result<Vec<_>, _>>()?;
        let mut named = Vec::with_capacity(kwargs.len());
        for (name, fact) in &kwargs {
            named.push((name.clone(), fact.arg().ok_or_else(|| wrong(fact))?));
        }
        let register = self.builder.push(function, arguments, named);
        Ok(self.made(made, register))
    }

    /// The facts of a step's result. Further steps take the parts out of a tuple.
    fn made(&mut self, made: Made, register: u32) -> Fact {
        let part = |specialiser: &mut Self, i: usize, made: Made| {
            let args = vec![Arg::Register(register), Arg::int(i as i128)];
            let register = specialiser.builder.push("operator.getitem", args, Vec::new());
            specialiser.made(made, register)
        };
        match made {
            Made::Array(dtype, shape) => ArrayFact { register, dtype, shape }.into(),
            Made::Tuple(parts) => Fact::Tuple(parts.into_iter().enumerate().map(|(i, made)| part(self, i, made)).collect()),
            Made::Named(parts) => {
                let parts = parts.into_iter().enumerate();
                Fact::named(parts.map(|(i, (name, made))| (name, part(self, i, made))))
            }
            Made::Number => Known::Number { register }.into(),
            Made::Static(fact) => fact,
            Made::Unknown => Known::Opaque { register }.into(),
        }
    }
}

impl Evaluator for Specialiser<'_> {
    type Leaf = Known;
    type Error = Refused;

    fn kind(&self, known: &Known) -> &'static str {
        known.kind()
    }

    fn is_array(&self, known: &Known) -> bool {
        matches!(known, Known::Array(_))
    }

    fn is_integer(&self, known: &Known) -> bool {
        matches!(known, Known::Number { .. } | Known::Size { .. })
    }

    fn knows_size(&self, known: &Known) -> bool {
        matches!(known, Known::Array(array) if array.shape.iter().all(Option::is_some))
    }

    fn int(&mut self, known: &Known) -> Result<Fact, Refused> {
        match known {
            Known::Array(array) => {
                let register = self.builder.push("builtins.int", vec![Arg::Register(array.register)], Vec::new());
                Ok(Known::Number { register }.into())
            }
            Known::Number { .. } | Known::Size { .. } => Ok(self.settled(known.clone().into())),
            Known::Opaque { .. } => Err(Refused::Kind(format!("{} is no int", known.kind()))),
        }
    }

    fn defaults(&self) -> Defaults {
        self.library.defaults
    }
}

fn size_of(array: &ArrayFact, axis: usize) -> Fact {
    match array.shape[axis] {
        Some(n) => Fact::int(n as i128),
        None => Known::Size { register: array.register, axis }.into(),
    }
}

fn number(v: Num) -> Fact {
    Fact::Scalar(match v {
        Num::Bool(v) => Scalar::Bool(v),
        Num::Int(v) => Scalar::Int(v),
        Num::Real(v) => Scalar::Float(v),
        Num::Imaginary(v) => Scalar::Complex((0.0, v)),
        Num::Complex(re, im) => Scalar::Complex((re, im)),
    })
}

fn constant(name: &str) -> Option<Fact> {
    let float = array_assay_spec::expr::CONSTANTS.iter().find(|(n, _)| *n == name).map(|(_, v)| Fact::Scalar(Scalar::Float(*v)));
    let dtype = || name.parse::<DType>().ok().map(Fact::Dtype);
    float.or_else(|| (name == "newaxis").then_some(Fact::None)).or_else(dtype)
}

/// The value of a default in Python notation.
pub(crate) fn default_value(text: &str) -> Option<Fact> {
    let quoted = |q: char| text.strip_prefix(q).and_then(|rest| rest.strip_suffix(q));
    Some(match text {
        "None" => Fact::None,
        "True" => Fact::bool(true),
        "False" => Fact::bool(false),
        "()" => Fact::Tuple(Vec::new()),
        "inf" => Fact::Scalar(Scalar::Float(f64::INFINITY)),
        "nan" => Fact::Scalar(Scalar::Float(f64::NAN)),
        _ => {
            if let Some(text) = quoted('\'').or_else(|| quoted('"')) {
                return Some(Fact::Str(text.to_owned()));
            }
            text.parse().map(Fact::int).ok().or_else(|| text.parse().ok().map(|v| Fact::Scalar(Scalar::Float(v))))?
        }
    })
}
