//! Programs and their outcomes.

use serde::{Deserialize, Serialize};

use crate::{Array, DType, Scalar, Value};

/// A straight-line list of calls over registers. The inputs are registers `0..inputs.len()`; each step adds one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Program {
    /// Arrays that the worker creates from the host's bytes.
    pub inputs: Vec<Array>,
    /// The calls, in order.
    pub steps: Vec<Step>,
    /// The registers to hand back.
    pub returns: Vec<u32>,
}

/// One call of a function of the standard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its path, such as `add`, `linalg.svd` or `operator.getitem`.
    pub function: String,
    /// Positional arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
    /// Keyword arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kwargs: Vec<(String, Arg)>,
    /// What the step is there for.
    #[serde(default, skip_serializing_if = "Role::is_subject")]
    pub role: Role,
}

/// What a step is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It prepares an input (a layout): its failure blocks the case.
    Prepare,
    /// It is the call under test.
    #[default]
    Subject,
}

impl Role {
    fn is_subject(&self) -> bool {
        *self == Role::Subject
    }
}

/// An argument of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arg {
    /// The value of a register.
    Register(u32),
    /// A Python scalar.
    Scalar(Scalar),
    /// A string.
    Str(String),
    /// A dtype object of the library.
    Dtype(DType),
    /// A device of the library.
    Device(String),
    /// A slice.
    Slice(Slice),
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// A tuple.
    Tuple(Vec<Arg>),
    /// A list.
    List(Vec<Arg>),
}

/// A Python slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Slice {
    pub start: Option<i64>,
    pub stop: Option<i64>,
    pub step: Option<i64>,
}

/// What a worker returned for a program: its values, or the step that failed with the returns made before it.
///
/// `step` is `None` where an input could not be created or a result not be handed back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Outcome {
    /// The returned registers, in the order asked for.
    Values(Vec<Value>),
    /// The library has no function of that name.
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
    /// Its type, such as `TypeError`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Its message.
    pub message: String,
    /// The traceback, if the language has one.
    #[serde(default)]
    pub traceback: String,
}

impl Program {
    /// Number of registers once all steps ran.
    pub fn registers(&self) -> usize {
        self.inputs.len() + self.steps.len()
    }

    /// The step that makes register `register`, if it is not an input.
    pub fn step_of(&self, register: u32) -> Option<&Step> {
        (register as usize).checked_sub(self.inputs.len()).and_then(|i| self.steps.get(i))
    }
}
