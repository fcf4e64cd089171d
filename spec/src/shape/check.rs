//! Faults of a rule that show without a call.

use super::functions::FUNCTIONS;
use super::value::UNKNOWN;
use crate::SpecSignature;
use crate::expr::{BinaryOp, CONSTANTS, Expr, Node, Num, ProgramNode, UnaryOp};

/// The attributes that rules may ask for.
const ATTRIBUTES: [&str; 3] = ["shape", "ndim", "size"];

/// The first fault and its place.
pub(super) fn fault(expr: &Expr, signature: &SpecSignature) -> Option<(usize, String)> {
    let known = signature.parameters.iter().map(|p| p.name.as_str()).chain([UNKNOWN]).chain(CONSTANTS.map(|(name, _)| name));
    find(expr, &mut known.collect())
}

fn find<'e>(expr: &'e Expr, names: &mut Vec<&'e str>) -> Option<(usize, String)> {
    let here = match &expr.node {
        Node::Name(name) if !names.contains(&name.as_str()) => Some(format!("`{name}` is no parameter of the function")),
        Node::Number(Num::Imaginary(_) | Num::Complex(..)) => Some("a shape has no complex numbers".to_owned()),
        Node::Unary(UnaryOp::Invert, _) => Some("a shape has no bits".to_owned()),
        Node::Binary(op, ..) if !arithmetic(*op) => Some(format!("rules for shapes do not have `{}`", op.symbol())),
        Node::Program(ProgramNode::Ellipsis) => Some("rules for shapes do not have `...`".to_owned()),
        Node::Program(ProgramNode::Attribute(_, name)) if !ATTRIBUTES.contains(&name.as_str()) => {
            Some(format!("unknown attribute `{name}`: rules for shapes have {}", ATTRIBUTES.join(", ")))
        }
        Node::Program(ProgramNode::Call { function, args, keywords }) => call(function, args, keywords),
        _ => None,
    };
    if let Some(why) = here {
        return Some((expr.at, why));
    }
    if let Node::Program(ProgramNode::Comprehension { element, target, iterable, condition }) = &expr.node {
        let outer = find(iterable, names);
        names.push(target);
        let inner = outer.or_else(|| find(element, names)).or_else(|| find(condition.as_deref()?, names));
        names.pop();
        return inner;
    }
    expr.parts().into_iter().find_map(|part| find(part, names))
}

fn arithmetic(op: BinaryOp) -> bool {
    use BinaryOp::{Add, Divide, FloorDivide, Multiply, Remainder, Subtract};
    matches!(op, Add | Subtract | Multiply | Divide | FloorDivide | Remainder)
}

fn call(name: &str, args: &[Expr], keywords: &[(String, Expr)]) -> Option<String> {
    let Some(function) = FUNCTIONS.iter().find(|function| function.name == name) else {
        return Some(format!("unknown function `{name}`; spec/README.md lists those of rules for shapes"));
    };
    if !keywords.is_empty() {
        return Some(format!("`{name}` takes its arguments by position"));
    }
    let (fewest, most) = function.arity;
    let starred = args.iter().any(|arg| matches!(arg.node, Node::Program(ProgramNode::Starred(_))));
    let fits = (fewest..=most).contains(&args.len()) || starred && args.len() <= most;
    (!fits).then(|| format!("`{name}` does not take {} arguments", args.len()))
}
