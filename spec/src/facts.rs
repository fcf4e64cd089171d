//! The names of facts about a call that conditions of aspects and clauses may use.

use crate::domain::Domain;
use crate::model::{Operand, Parameter};

/// The facts about the arguments of a function with these parameters: `x_ndim`, `x_size`, `x_real`, ... for an array `x`, the value of a
/// number or flag by its name, and `NAME_given`, `NAME_none`, ... for each parameter.
pub fn facts(parameters: &[Parameter]) -> Vec<String> {
    let mut out = Vec::new();
    for p in parameters {
        if p.domain.is_array() {
            out.extend(ARRAY_FACTS.map(|fact| format!("{}_{fact}", p.name)));
        } else if matches!(p.domain, Domain::Key { .. }) {
            out.extend(KEY_FACTS.map(|fact| format!("{}_{fact}", p.name)));
            continue;
        } else {
            out.push(p.name.clone());
        }
        out.extend(ARGUMENT_FACTS.map(|fact| format!("{}_{fact}", p.name)));
        out.extend(p.domain.choices().into_iter().map(|choice| choice_fact(&p.name, choice)));
    }
    out.extend([RESULT_CAST, REDUCED, SHAPES_DIFFER].map(str::to_owned));
    out
}

/// The facts about the operands of an element-wise function.
pub fn operand_facts(operands: &[Operand]) -> Vec<String> {
    let of_operands = operands.iter().flat_map(|operand| OPERAND_FACTS.map(|fact| format!("{}_{fact}", operand.name)));
    of_operands.chain([SHAPES_DIFFER.to_owned()]).collect()
}

/// The fact that the dtype of the result differs from that of the first array.
pub const RESULT_CAST: &str = "result_cast";

/// The number of elements that each element of a reduction combines.
pub const REDUCED: &str = "reduced";

/// The fact that the arrays of a call do not all have the same shape.
pub const SHAPES_DIFFER: &str = "shapes_differ";

/// The facts about an array argument, or about the first of a sequence.
pub const ARRAY_FACTS: [&str; 12] =
    ["ndim", "size", "bool", "integer", "unsigned", "real", "complex", "index", "nan", "zero", "infinite", "signed_zeros"];

/// The facts about an operand of an element-wise function. All except the last two are `False` if the operand is not an array.
pub const OPERAND_FACTS: [&str; 9] = ["ndim", "size", "bool", "integer", "unsigned", "real", "complex", "none", "scalar"];

/// The facts about any argument except a key.
pub const ARGUMENT_FACTS: [&str; 7] = ["given", "none", "tuple", "array", "negative", "scalar", "mixed"];

/// The fact that a parameter has this choice, given or by default: `side_is_left`, `dtype_is_complex`.
pub fn choice_fact(parameter: &str, choice: &str) -> String {
    format!("{parameter}_is_{}", choice.replace('-', "neg_"))
}

/// The facts about a key of indexing: what the key is, or has among its parts.
pub const KEY_FACTS: [&str; 10] =
    ["integer", "slice", "negative_step", "ellipsis", "newaxis", "tuple", "mask", "empty_mask", "integer_array", "zero_size"];
