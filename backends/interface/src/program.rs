//! Programs and their outcomes.

use serde::{Deserialize, Serialize};

use crate::{Array, Tree, Value};

/// A straight-line list of calls over registers. The inputs are the registers `0..inputs.len()`, and each step adds one register.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Program {
    /// The arrays that the worker creates from the host's bytes.
    pub inputs: Vec<Array>,
    /// The calls, in order.
    pub steps: Vec<Step>,
    /// The registers that the worker returns.
    pub returns: Vec<u32>,
}

/// Programs that differ only in the elements of their inputs, as the runs of one program.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The program. If there are several runs, each input holds the inputs of all runs along a first axis.
    pub program: Program,
    /// The number of runs, at least 1.
    pub runs: usize,
}

/// One call of a function of the standard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The path of the function, such as `add`, `linalg.svd` or `operator.getitem`.
    pub function: String,
    /// The positional arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
    /// The keyword arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kwargs: Vec<(String, Arg)>,
    /// The purpose of the step.
    #[serde(default, skip_serializing_if = "Role::is_subject")]
    pub role: Role,
}

/// The paths of steps that make a form of an array, which the library declares in its identity, begin so.
pub const REPRESENTATION: &str = "representation.";

/// The purpose of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The step prepares an input (a layout). If it fails, the case is blocked.
    Prepare,
    /// The step is the call under test.
    #[default]
    Subject,
}

impl Role {
    fn is_subject(&self) -> bool {
        *self == Role::Subject
    }
}

/// An argument of a step: a value whose arrays are registers.
pub type Arg = Tree<Register>;

/// A register of a program. It stands for the value that the register holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register(pub u32);

impl Arg {
    /// The value of a register.
    #[expect(non_snake_case, reason = "programs and published counterexamples have it as a variant")]
    pub const fn Register(register: u32) -> Arg {
        Tree::Array(Register(register))
    }

    /// The register, if it is one.
    pub fn register(&self) -> Option<u32> {
        self.leaf().map(|Register(register)| *register)
    }
}

/// What a worker returned for a program: its values, or the step that failed and the values that were made before it.
///
/// `step` is `None` if an input could not be created or a result could not be returned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Outcome {
    /// The values of the returned registers, in the order of [`Program::returns`].
    Values(Vec<Value>),
    /// The values of several runs of a block, in order. Each is an array (or an array scalar) that holds the values of all runs along a
    /// first axis.
    Joined { runs: usize, values: Vec<Value> },
    /// The library has no function of this name.
    Missing {
        name: String,
        step: Option<u32>,
        #[serde(default)]
        values: Vec<Value>,
    },
    /// The library declared that it lacks a capability of the spec's closed list.
    Unsupported {
        capability: String,
        step: Option<u32>,
        #[serde(default)]
        values: Vec<Value>,
    },
    /// The call raised.
    Raised {
        exception: Exception,
        step: Option<u32>,
        #[serde(default)]
        values: Vec<Value>,
    },
}

/// An exception, panic or error of a library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// The type of the exception, such as `TypeError`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The base classes of the type. Empty if the language has no classes.
    #[serde(default)]
    pub bases: Vec<String>,
    /// The message.
    pub message: String,
    /// The traceback, if the language has one.
    #[serde(default)]
    pub traceback: String,
}

impl Exception {
    /// An exception whose type has no base classes, without a traceback.
    pub fn new(type_name: impl Into<String>, message: impl Into<String>) -> Exception {
        Exception { type_name: type_name.into(), bases: Vec::new(), message: message.into(), traceback: String::new() }
    }

    /// Whether the exception is of a class or of a class derived from it. `None` if the type is of another language and may correspond to
    /// the class.
    pub fn is(&self, class: &str) -> Option<bool> {
        let is = self.type_name == class || self.bases.iter().any(|base| base == class);
        (is || !self.bases.is_empty()).then_some(is)
    }
}

impl Step {
    /// All arguments of the step. Positional arguments come first.
    pub fn arguments(&self) -> impl Iterator<Item = &Arg> {
        self.args.iter().chain(self.kwargs.iter().map(|(_, arg)| arg))
    }

    /// The registers among the arguments.
    pub fn registers(&self) -> impl Iterator<Item = u32> {
        self.arguments().flat_map(Arg::leaves).map(|Register(register)| *register)
    }

    /// Replaces each register among the arguments by `map` of it.
    pub fn renumber(&mut self, mut map: impl FnMut(u32) -> u32) {
        let arguments = self.args.iter_mut().chain(self.kwargs.iter_mut().map(|(_, arg)| arg));
        arguments.flat_map(Arg::leaves_mut).for_each(|Register(register)| *register = map(*register));
    }
}

impl Program {
    /// The number of registers after all steps have run.
    pub fn registers(&self) -> usize {
        self.inputs.len() + self.steps.len()
    }

    /// The step that makes register `register`, if it is not an input.
    pub fn step_of(&self, register: u32) -> Option<&Step> {
        (register as usize).checked_sub(self.inputs.len()).and_then(|i| self.steps.get(i))
    }
}

impl From<Program> for Block {
    fn from(program: Program) -> Block {
        Block { program, runs: 1 }
    }
}

impl Block {
    /// The programs of the block, in order.
    pub fn programs(&self) -> impl Iterator<Item = Program> + '_ {
        (0..self.runs).map(|run| self.program(run))
    }

    /// The program of one run.
    pub fn program(&self, run: usize) -> Program {
        if self.runs == 1 {
            return self.program.clone();
        }
        let inputs = self.program.inputs.iter().map(|input| input.along_first_axis(run)).collect();
        Program { inputs, steps: self.program.steps.clone(), returns: self.program.returns.clone() }
    }
}

impl Outcome {
    /// The number of programs that the outcome answers.
    pub fn runs(&self) -> usize {
        match self {
            Outcome::Joined { runs, .. } => *runs,
            _ => 1,
        }
    }

    /// Whether a joined outcome consists of arrays that hold all runs. True for any other outcome.
    pub fn is_consistent(&self) -> bool {
        let Outcome::Joined { runs, values } = self else { return true };
        values.iter().all(|value| match value {
            Value::Array(array) | Value::ArrayScalar { array, .. } => array.shape.first() == Some(runs),
            _ => false,
        })
    }

    /// The outcomes of the single programs. The outcome has to be consistent.
    pub fn split(self) -> Vec<Outcome> {
        let Outcome::Joined { runs, values } = self else { return vec![self] };
        let of_run = |run: usize, value: &Value| match value {
            Value::ArrayScalar { type_name, array } => {
                Value::ArrayScalar { type_name: type_name.clone(), array: array.along_first_axis(run) }
            }
            Value::Array(array) => Value::Array(array.along_first_axis(run)),
            other => other.clone(),
        };
        (0..runs).map(|run| Outcome::Values(values.iter().map(|value| of_run(run, value)).collect())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DType, Element};

    fn stacked(values: &[i128], shape: &[usize]) -> Array {
        Array::from_elements(DType::Int16, shape.to_vec(), values.iter().map(|v| Element::Int(*v)))
    }

    #[test]
    fn a_block_is_its_programs() {
        let program = Program { inputs: vec![stacked(&[1, 2, 3, 4], &[2, 2]), stacked(&[5, 6], &[2])], steps: vec![], returns: vec![0] };
        let inputs: Vec<Vec<Array>> = Block { program: program.clone(), runs: 2 }.programs().map(|p| p.inputs).collect();
        assert_eq!(inputs, [[stacked(&[1, 2], &[2]), stacked(&[5], &[])], [stacked(&[3, 4], &[2]), stacked(&[6], &[])]]);
        assert_eq!(Block::from(program.clone()).programs().collect::<Vec<_>>(), [program]);
    }

    #[test]
    fn joined_outcomes_come_apart_where_they_hold_all_runs() {
        let joined = |array| Outcome::Joined { runs: 2, values: vec![Value::Array(array)] };
        let one = |v| Outcome::Values(vec![Value::Array(stacked(&[v], &[1]))]);
        let whole = joined(stacked(&[1, 2], &[2, 1]));
        assert!(whole.is_consistent());
        assert_eq!(whole.split(), [one(1), one(2)]);
        assert!(!joined(stacked(&[1, 2, 3], &[3])).is_consistent());
        assert!(!Outcome::Joined { runs: 2, values: vec![Value::None] }.is_consistent());
    }
}
