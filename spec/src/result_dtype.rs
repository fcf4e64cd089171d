//! The dtype of a result of a call, by the rule of the function. It is asked for arrays, and for what is known of them.

use array_assay_interface::{DType, Defaults, Kind, Scalar, Tree};

use crate::domain::{Domain, DtypeRelation};
use crate::dtypes::Dtypes;
use crate::model::{DtypeRule, Function, Parameter};

impl Dtypes {
    /// The dtype to which the arrays, dtypes and Python scalars among values promote. `of` is the dtype of a leaf, if it is an array.
    pub fn common<'a, L: 'a, F: 'a>(
        &self,
        values: impl IntoIterator<Item = &'a Tree<L, F>>,
        of: impl Fn(&L) -> Option<DType>,
    ) -> Result<DType, String> {
        let (mut common, mut complex) = (None, false);
        for value in values.into_iter().flat_map(Tree::nodes) {
            let dtype = match value {
                Tree::Array(leaf) => of(leaf),
                Tree::Dtype(dtype) => Some(*dtype),
                Tree::Scalar(scalar) => {
                    complex |= matches!(scalar, Scalar::Complex(_));
                    None
                }
                _ => None,
            };
            common = match (common, dtype) {
                (Some(a), Some(b)) => Some(self.promote(a, b).ok_or_else(|| format!("the standard does not promote {a} and {b}"))?),
                (first, second) => first.or(second),
            };
        }
        let common = common.ok_or("no operand is an array")?;
        Ok(if complex && common.kind() == Kind::RealFloating { common.complex() } else { common })
    }
}

impl Function {
    /// The first array that another argument's dtype depends on, else the first array, else the dtype argument.
    pub fn primary(&self) -> Option<&Parameter> {
        let related = self.parameters.iter().find_map(|p| match &p.domain {
            Domain::Array { of: Some(of), dtype: DtypeRelation::Same | DtypeRelation::Promotes, .. } => Some(of),
            Domain::ArrayOrScalar { of, .. } => Some(of),
            _ => None,
        });
        let is_array = |p: &&Parameter| {
            matches!(p.domain, Domain::Array { .. } | Domain::Arrays { .. } | Domain::ArrayOrDtype {} | Domain::Mixture {})
        };
        related
            .and_then(|name| self.parameters.iter().find(|p| p.name == *name))
            .or_else(|| self.parameters.iter().find(is_array))
            .or_else(|| self.parameters.iter().find(|p| matches!(p.domain, Domain::Dtype { .. })))
    }

    /// The dtype that a rule gives a result of a call; `None` if the rule leaves it to the semantics, or if what it needs is not there.
    /// `given` holds the arguments by parameter, `of` is the dtype of a leaf, if it is an array, and `first` that of the array that a rule
    /// may mean.
    pub fn ruled_dtype<L, F>(
        &self,
        dtypes: &Dtypes,
        rule: DtypeRule,
        given: &[(&str, Tree<L, F>)],
        of: impl Fn(&L) -> Option<DType>,
        first: Option<DType>,
        defaults: Defaults,
    ) -> Option<DType> {
        let argument = |name: &str| given.iter().find(|(n, _)| *n == name).map(|(_, given)| given);
        let asked = self.parameters.iter().filter(|p| matches!(p.domain, Domain::Dtype { .. })).find_map(|p| argument(&p.name)?.dtype());
        let promoted = || {
            let related = |p: &&Parameter| match &p.domain {
                Domain::Array { dtype, .. } => *dtype != DtypeRelation::Own || self.primary().is_some_and(|primary| primary.name == p.name),
                Domain::Arrays { .. } | Domain::ArrayOrScalar { .. } => true,
                _ => false,
            };
            dtypes.common(self.parameters.iter().filter(related).filter_map(|p| argument(&p.name)), of).ok()
        };
        rule.dtype(asked, first, promoted, defaults)
    }
}
