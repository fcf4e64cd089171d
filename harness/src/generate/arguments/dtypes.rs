//! Dtypes: of drawn arrays, and as arguments.

use array_assay_interface::{Array, DType, Kind};
use array_assay_oracle::call::Given;
use array_assay_spec::{DtypeRelation, Parameter};

use super::Draw;

impl Draw<'_, '_> {
    /// Any dtype of the parameter that the library has. `None` if it has none of them.
    pub(super) fn any_dtype(&mut self, parameter: &Parameter) -> Option<DType> {
        let all: Vec<DType> = parameter.dtypes.iter().filter(|d| self.profile.dtypes.contains(d)).collect();
        (!all.is_empty()).then(|| all[self.random.pick_below("dtype", all.len())])
    }

    /// The dtype of an array argument. `of` names the array that `relation` refers to.
    pub(super) fn dtype_of(&mut self, parameter: &Parameter, primary: bool, relation: DtypeRelation, of: Option<&str>) -> Option<DType> {
        match (relation, of) {
            _ if primary => self.combination.dtypes.first().copied(),
            (DtypeRelation::Same, Some(of)) => Some(self.array_of(of)?.dtype),
            (DtypeRelation::Promotes, Some(_)) => self.combination.dtypes.last().copied(),
            _ => self.any_dtype(parameter),
        }
    }

    /// A dtype that promotes with the dtype of `other`.
    pub(super) fn partner(&mut self, parameter: &Parameter, other: &Array) -> Option<DType> {
        match self.combination.dtypes.last() {
            Some(dtype) if self.spec.dtypes.promote(*dtype, other.dtype).is_some() => Some(*dtype),
            _ => self.any_dtype(parameter),
        }
    }

    /// A dtype argument. `of` names the array that is cast; with `upcast`, integers only to dtypes that are not narrower, and to those of real
    /// numbers.
    pub(super) fn dtype_argument(&mut self, parameter: &Parameter, primary: bool, of: Option<&str>, upcast: bool) -> Option<Given> {
        if primary {
            return self.combination.dtypes.first().copied().map(Given::Dtype);
        }
        let from = of.and_then(|of| self.array_of(of)).map(|array| array.dtype);
        let legal = |to: DType| match from {
            None => true,
            Some(from) if upcast && from.is_integer() => {
                to.kind() == Kind::RealFloating || from.kind() == to.kind() && to.size() >= from.size()
            }
            Some(from) if upcast => from.kind() == to.kind(),
            // Complex numbers can be cast to complex dtypes and to `bool`.
            Some(from) => !from.is_complex() || to.is_complex() || to == DType::Bool,
        };
        let all: Vec<DType> = parameter.dtypes.iter().filter(|d| self.profile.dtypes.contains(d)).collect();
        let weights: Vec<usize> = all.iter().map(|d| usize::from(legal(*d))).collect();
        weights.contains(&1).then(|| Given::Dtype(all[self.random.pick("dtype", &weights)]))
    }

    /// One kind or dtype, or a tuple of up to three.
    pub(super) fn kinds(&mut self, parameter: &Parameter, among: &[String]) -> Given {
        if self.random.pick_yes("tuple", 3) {
            let count = 1 + self.random.pick_below("count", 3);
            let one = |draw: &mut Self| match draw.any_dtype(parameter) {
                Some(dtype) if draw.random.pick_yes("item by dtype", 2) => Given::Dtype(dtype),
                _ => Given::Str(among[draw.random.pick_below("item", among.len())].clone()),
            };
            return Given::Tuple((0..count).map(|_| one(self)).collect());
        }
        // A kind alone has names of its own, so that each meets each dtype.
        let by_dtype = self.random.pick_yes("by dtype", 4);
        match self.any_dtype(parameter).filter(|_| by_dtype) {
            Some(dtype) => Given::Dtype(dtype),
            None => Given::Str(among[self.random.pick_below("kind", among.len())].clone()),
        }
    }
}
