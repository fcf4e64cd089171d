//! The dtype of a result, by the rules of the spec.

use array_assay_interface::{DType, Kind, Scalar};
use array_assay_spec::{Domain, DtypeRelation, DtypeRule, Spec};

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
        let asked = || {
            let takes = |name: &str| self.function.parameters.iter().any(|p| p.name == name && matches!(p.domain, Domain::Dtype { .. }));
            self.bound
                .given
                .iter()
                .find_map(|(name, fact)| if let Fact::Dtype(dtype) = fact { takes(name).then_some(*dtype) } else { None })
        };
        match rule {
            DtypeRule::Promote => self.promoted(),
            DtypeRule::GivenOrInferred => asked().map_or_else(|| self.inferred(), Ok),
            _ => {
                let dtype = rule.dtype(asked(), own, || None, self.library.defaults);
                dtype.ok_or_else(|| "the dtype of the result is not known before the program runs".to_owned())
            }
        }
    }

    /// The dtype of the first array among the arguments.
    pub(super) fn first_dtype(&self) -> Option<DType> {
        let array = |fact: &Fact| fact.array().map(|array| array.dtype);
        self.bound.given.iter().find_map(|(_, fact)| array(fact).or_else(|| fact.items()?.iter().find_map(array)))
    }

    fn promoted(&self) -> Result<DType, String> {
        let related = |name: &str| {
            let parameter = self.function.parameters.iter().find(|p| p.name == name);
            parameter.is_none_or(|p| match &p.domain {
                Domain::Array { dtype, .. } => *dtype != DtypeRelation::Own || self.is_primary(name),
                Domain::Arrays { .. } | Domain::ArrayOrScalar { .. } => true,
                _ => false,
            })
        };
        let facts: Vec<&Fact> = self.bound.given.iter().filter(|(name, _)| related(name)).map(|(_, fact)| fact).collect();
        promote(self.spec, &facts)
    }

    /// Whether another parameter's dtype relates to this one's. Of `where` the condition stands alone.
    fn is_primary(&self, name: &str) -> bool {
        self.function.parameters.iter().any(|p| match &p.domain {
            Domain::Array { of: Some(of), dtype, .. } => of == name && *dtype != DtypeRelation::Own,
            Domain::ArrayOrScalar { of, .. } => of == name,
            _ => false,
        })
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
    fn collect(fact: &Fact, out: &mut Vec<DType>, complex: &mut bool) {
        match fact {
            Fact::Array(Known::Array(array)) => out.push(array.dtype),
            Fact::Dtype(dtype) => out.push(*dtype),
            Fact::Tuple(items) | Fact::List(items) => items.iter().for_each(|item| collect(item, out, complex)),
            Fact::Scalar(Scalar::Complex(_)) => *complex = true,
            _ => {}
        }
    }
    let (mut dtypes, mut complex) = (Vec::new(), false);
    facts.iter().for_each(|fact| collect(fact, &mut dtypes, &mut complex));
    let first = *dtypes.first().ok_or("no operand is an array")?;
    let common = dtypes.iter().try_fold(first, |common, dtype| {
        spec.dtypes.promote(common, *dtype).ok_or_else(|| format!("the standard does not promote {common} and {dtype}"))
    })?;
    Ok(if complex && common.kind() == Kind::RealFloating { common.complex() } else { common })
}
