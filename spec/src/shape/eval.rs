//! The value of a rule for the arguments of a call.

use array_assay_interface::{ParameterKind, Slice};

use super::functions;
use super::value::{Arguments, NOT_KNOWN, UNKNOWN, Value, binary, compare, equal, integer, items, truth, unary};
use crate::SpecSignature;
use crate::expr::{CONSTANTS, EvalError, Expr, Node, Num, ProgramNode, UnaryOp};

/// What names stand for.
pub(super) struct Scope<'a> {
    signature: &'a SpecSignature,
    arguments: &'a dyn Arguments,
    /// The names of comprehensions, the innermost last.
    bound: Vec<(&'a str, Value)>,
}

impl<'a> Scope<'a> {
    pub fn new(signature: &'a SpecSignature, arguments: &'a dyn Arguments) -> Scope<'a> {
        Scope { signature, arguments, bound: Vec::new() }
    }

    pub fn eval(&mut self, expr: &'a Expr) -> Result<Value, EvalError> {
        let fault = |why: String| EvalError { at: expr.at, why };
        match &expr.node {
            Node::Number(number) => literal(*number).ok_or_else(|| fault("a shape has no complex numbers".to_owned())),
            Node::Name(name) => self.name(name).map_err(fault),
            Node::Unary(UnaryOp::Not, x) => Ok(Value::Bool(!self.truth(x)?)),
            Node::Unary(op, x) => unary(*op, self.eval(x)?).map_err(fault),
            Node::Binary(op, x, y) => binary(*op, self.eval(x)?, self.eval(y)?).map_err(fault),
            Node::Compare(first, rest) => {
                let mut left = self.eval(first)?;
                for (op, x) in rest {
                    let right = self.eval(x)?;
                    match compare(*op, &left, &right).map_err(fault)? {
                        Some(true) => left = right,
                        Some(false) => return Ok(Value::Bool(false)),
                        None => return Ok(Value::Unknown),
                    }
                }
                Ok(Value::Bool(true))
            }
            Node::And(items) | Node::Or(items) => {
                let stops = matches!(expr.node, Node::Or(_));
                let mut last = Value::Bool(!stops);
                for item in items {
                    last = self.eval(item)?;
                    if truth(&last).map_err(|why| EvalError { at: item.at, why })? == stops {
                        break;
                    }
                }
                Ok(last)
            }
            Node::Call(name, _) => Err(fault(format!("unknown function `{name}`"))),
            Node::Program(node) => self.program(node, expr.at),
        }
    }

    fn name(&self, name: &str) -> Result<Value, String> {
        if let Some((_, value)) = self.bound.iter().rev().find(|(bound, _)| *bound == name) {
            return Ok(value.clone());
        }
        if name == UNKNOWN {
            return Ok(Value::Unknown);
        }
        if let Some(value) = self.arguments.argument(name) {
            return Ok(value);
        }
        if let Some((_, value)) = CONSTANTS.iter().find(|(constant, _)| *constant == name) {
            return Ok(Value::Real(*value));
        }
        let parameter = self.signature.parameters.iter().find(|p| p.name == name);
        if parameter.is_some_and(|p| p.kind == ParameterKind::VarPositional) {
            return Ok(Value::Tuple(Vec::new()));
        }
        let default = parameter.and_then(|p| p.default.as_deref()).ok_or_else(|| format!("`{name}` is missing"))?;
        let parsed = Expr::parse_program(default).map_err(|error| error.to_string())?;
        Scope::new(self.signature, &NoArguments).eval(&parsed).map_err(|error| error.why)
    }

    fn truth(&mut self, expr: &'a Expr) -> Result<bool, EvalError> {
        truth(&self.eval(expr)?).map_err(|why| EvalError { at: expr.at, why })
    }

    fn program(&mut self, node: &'a ProgramNode, at: usize) -> Result<Value, EvalError> {
        let fault = |why: String| EvalError { at, why };
        match node {
            ProgramNode::None => Ok(Value::None),
            ProgramNode::Str(text) => Ok(Value::Text(text.clone())),
            ProgramNode::Tuple(items) | ProgramNode::List(items) => self.all(items).map(Value::Tuple),
            ProgramNode::Comprehension { element, target, iterable, condition } => {
                let over = items(self.eval(iterable)?).map_err(fault)?;
                let mut out = Vec::with_capacity(over.len());
                for item in over {
                    self.bound.push((target, item));
                    let made = match condition {
                        Some(condition) if !self.truth(condition)? => None,
                        _ => Some(self.eval(element)?),
                    };
                    out.extend(made);
                    self.bound.pop();
                }
                Ok(Value::Tuple(out))
            }
            ProgramNode::Attribute(x, name) => functions::attribute(&self.eval(x)?, name).map_err(fault),
            ProgramNode::Subscript(x, key) => {
                let over = items(self.eval(x)?).map_err(fault)?;
                if let Node::Program(ProgramNode::Slice(start, stop, step)) = &key.node {
                    let mut bound = |part: &'a Option<Box<Expr>>| part.as_ref().map(|part| self.eval(part)).transpose();
                    let (start, stop, step) = (bound(start)?, bound(stop)?, bound(step)?);
                    return slice(&over, start, stop, step).map_err(fault);
                }
                let at = functions::axis(&self.eval(key)?, over.len()).map_err(fault)?;
                Ok(over[at].clone())
            }
            ProgramNode::Call { function, args, .. } => {
                let args = self.all(args)?;
                functions::call(function, &args).map_err(fault)
            }
            ProgramNode::Conditional { condition, then, otherwise } => {
                if self.truth(condition)? {
                    self.eval(then)
                } else {
                    self.eval(otherwise)
                }
            }
            ProgramNode::In { item, items: over, negated } => {
                let item = self.eval(item)?;
                let mut found = false;
                for other in items(self.eval(over)?).map_err(fault)? {
                    found |= equal(&item, &other).ok_or_else(|| fault(NOT_KNOWN.to_owned()))?;
                }
                Ok(Value::Bool(found != *negated))
            }
            ProgramNode::IsNone { operand, negated } => Ok(Value::Bool((self.eval(operand)? == Value::None) != *negated)),
            ProgramNode::Ellipsis | ProgramNode::Slice(..) | ProgramNode::Starred(_) => Err(fault("it has no value here".to_owned())),
        }
    }

    /// Items or arguments; a starred one stands for its items.
    fn all(&mut self, exprs: &'a [Expr]) -> Result<Vec<Value>, EvalError> {
        let mut out = Vec::with_capacity(exprs.len());
        for expr in exprs {
            match &expr.node {
                Node::Program(ProgramNode::Starred(inner)) => {
                    out.extend(items(self.eval(inner)?).map_err(|why| EvalError { at: expr.at, why })?);
                }
                _ => out.push(self.eval(expr)?),
            }
        }
        Ok(out)
    }
}

/// The arguments of a default: there are none.
struct NoArguments;

impl Arguments for NoArguments {
    fn argument(&self, _: &str) -> Option<Value> {
        None
    }
}

fn literal(number: Num) -> Option<Value> {
    match number {
        Num::Bool(v) => Some(Value::Bool(v)),
        Num::Int(v) => Some(Value::Int(v)),
        Num::Real(v) => Some(Value::Real(v)),
        Num::Imaginary(_) | Num::Complex(..) => None,
    }
}

/// The items that a slice takes, as Python takes them.
fn slice(items: &[Value], start: Option<Value>, stop: Option<Value>, step: Option<Value>) -> Result<Value, String> {
    let bound = |value: Option<Value>| match value {
        None | Some(Value::None) => Ok(None),
        // A bound beyond any length is as good as the largest one.
        Some(value) => match integer(&value) {
            Some(v) => Ok(Some(v.clamp(i64::MIN.into(), i64::MAX.into()) as i64)),
            None => Err(format!("{} is no bound of a slice", value.kind())),
        },
    };
    let slice = Slice { start: bound(start)?, stop: bound(stop)?, step: bound(step)? };
    let indices = slice.indices(items.len()).ok_or("the step of a slice is 0")?;
    Ok(Value::Tuple(indices.map(|i| items[i].clone()).collect()))
}
