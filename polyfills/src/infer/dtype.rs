//! The dtype of a result, by the rules of the spec.

use array_assay_interface::{DType, Kind, Scalar};
use array_assay_spec::{Domain, DtypeRule, Spec};

use super::Call;
use crate::fact::{Ask, Fact, Known};

impl Call<'_> {
    /// The dtype by a rule; `own` is the dtype of the argument that the rule may mean.
    pub(super) fn dtype(&self, rule: DtypeRule, own: Option<DType>) -> Result<DType, String> {
        if self.function.is_elementwise() {
            let facts: Vec<&Fact> = self.bound.given.iter().map(|(_, fact)| fact).filter(|fact| **fact != Fact::None).collect();
            let common = promote(self.spec, &facts)?;
            return Ok(self.function.result.dtype_of(own.unwrap_or(common), common));
        }
        let given = &self.bound.given;
        let dtype = self.function.ruled_dtype(&self.spec.dtypes, rule, given, Known::dtype, own, self.library.defaults);
        match dtype {
            None if rule == DtypeRule::GivenOrInferred => self.inferred(),
            dtype => dtype.ok_or_else(|| "the dtype of the result is not known before the program runs".to_owned()),
        }
    }

    /// The dtype of the first array among the arguments.
    pub(super) fn first_dtype(&self) -> Option<DType> {
        let array = |fact: &Fact| fact.array().map(|array| array.dtype);
        self.bound.given.iter().find_map(|(_, fact)| array(fact).or_else(|| fact.items()?.iter().find_map(array)))
    }

    /// The dtype that values suggest: an array's own, else the default one of the kind of the Python numbers, or of the next kind of which
    /// the function makes arrays; without a number a real one.
    fn inferred(&self) -> Result<DType, String> {
        let mut kinds = Vec::new();
        for (name, fact) in self.bound.given.iter().filter(|(_, fact)| *fact != Fact::None) {
            let domain = self.function.parameters.iter().find(|p| p.name == *name).map(|p| &p.domain);
            match (domain, fact) {
                (Some(Domain::Object { .. }), Fact::Array(Known::Array(array))) => return Ok(array.dtype),
                (Some(Domain::Object { .. } | Domain::Number { .. } | Domain::Range { .. }), fact) => number_kinds(fact, &mut kinds)?,
                _ => {}
            }
        }
        let defaults = self.library.defaults;
        let kind = kinds.into_iter().max().unwrap_or(Kind::RealFloating);
        let by_kind = [DType::Bool, defaults.integer, defaults.real, defaults.complex];
        let asked = self.function.parameters.iter().find(|p| matches!(p.domain, Domain::Dtype { .. }));
        let made = |dtype: &DType| dtype.kind() >= kind && asked.is_none_or(|p| p.dtypes.contains(*dtype));
        by_kind.into_iter().find(made).ok_or_else(|| "the dtype of the result is not known before the program runs".to_owned())
    }
}

/// The kinds of the Python numbers in nested sequences.
fn number_kinds(fact: &Fact, out: &mut Vec<Kind>) -> Result<(), String> {
    out.push(match fact {
        Fact::Tuple(items) | Fact::List(items) => return items.iter().try_for_each(|item| number_kinds(item, out)),
        // A number that the program computes is an int, the only one that the language makes of an array.
        Fact::Array(Known::Number { .. } | Known::Size { .. }) | Fact::Scalar(Scalar::Int(_)) => Kind::SignedInteger,
        Fact::Scalar(Scalar::Bool(_)) => Kind::Boolean,
        Fact::Scalar(Scalar::Float(_)) => Kind::RealFloating,
        Fact::Scalar(Scalar::Complex(_)) => Kind::ComplexFloating,
        other => return Err(format!("an array cannot be made of {}", other.kind())),
    });
    Ok(())
}

/// The dtype to which arrays, dtypes and scalars promote.
pub(super) fn promote(spec: &Spec, facts: &[&Fact]) -> Result<DType, String> {
    spec.dtypes.common(facts.iter().copied(), Known::dtype)
}
