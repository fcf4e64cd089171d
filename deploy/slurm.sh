#!/usr/bin/env bash
#SBATCH --job-name=array-assay
#SBATCH --array=1-16
#SBATCH --output=shard-%a.log
#
# One shard of a run for each task of an array. As many shards as the array has tasks:
#
#   job=$(sbatch --parsable deploy/slurm.sh numpy results)
#   sbatch --dependency="afterany:$job" --wrap "array-assay merge results --out results/results.jsonl"
#
# The words after the folder are options of `array-assay conform`. `merge` names the shards that did not end, and the command that runs each again.
set -euo pipefail
library=$1
folder=$2
shift 2
# 1: the library deviates, which `merge` judges. Anything else is an error.
array-assay conform "$library" --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --jobs "${SLURM_CPUS_PER_TASK:-1}" \
    --out "$folder/shard-$SLURM_ARRAY_TASK_ID" "$@" || [ $? -eq 1 ]
