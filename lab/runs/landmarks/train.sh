#!/bin/sh
# From nothing to src/facegpt/assets/dense_landmarks.onnx: sh lab/runs/landmarks/train.sh FOLDER DATA (20 GB free in FOLDER;
# DATA holds `photos` and `portraits`, CC0 pictures with landmarks.npz). Two CPU cores with bfloat16: under four hours
# (renders 12 min, detector 12, Mitsuba 9, trainings 151, the rest 10: from the times of its parts).
# Steps that are done are left out, and a training that was stopped goes on.
set -e
work="$1" data="$2"
mkdir -p "$work/first" "$work/run"
python -m lab.runs.landmarks.points
[ -f "$work/skins.npz" ] || python -m lab.runs.studio.photo_skins --data "$data" --out "$work/skins.npz"
studio="facegpt synthesize photos --skins $work/skins.npz --photos $data"
$studio --count 36000 --seed 300 --workers 2 -o "$work/crops"
$studio --count 60000 --seed 302 --workers 2 -o "$work/crops2"
$studio --count 1000 --seed 90 --workers 2 -o "$work/unseen"
$studio --count 500 --seed 301 --engine mitsuba -o "$work/mitsuba"
[ -f "$work/faces.npz" ] || FACEGPT_DATA="$data" python -m lab.runs.landmarks.photo_crops "$work/faces.npz"

# bfloat16 is 1.7 times as fast as float32 on processors that have it (avx512_bf16, AMX); leave it out on others
export OMP_NUM_THREADS=1
round() {
    torchrun --nproc-per-node 2 -m -- facegpt train landmarks "$work/crops" --validation "$work/unseen" \
        --more "$work/crops2" 0.4 --more "$work/mitsuba" 0.05 --photos "$work/faces.npz" \
        --threads 1 --batch 40 --precision bfloat16 "$@"
}
# a first network from nothing; or, from the package's: lab/runs/landmarks/from_onnx.py, into first/network.safetensors
[ -f "$work/first/card.json" ] || round --minutes 65 -o "$work/first"
for decoded in crops validation more-1 more-2 hard; do
    [ -e "$work/run/$decoded" ] || ln -s "../first/$decoded" "$work/run/$decoded"
done
round --start "$work/first/network.safetensors" --learning-rate 0.001 --minutes 54 --seed 7 -o "$work/run"
# profiles: half of the crops turned by 45 to 95 degrees. The trunk stays, whose grid the language model reads
$studio --count 6000 --seed 400 --yaw 45 95 -o "$work/turned"
$studio --count 5000 --seed 402 -o "$work/usual"
facegpt train landmarks "$work/usual" --validation "$work/unseen" --more "$work/turned" 0.45 --photos "$work/faces.npz" \
    --hold trunk --hard 1000 --looked-at 3000 --start "$work/run/network.safetensors" --learning-rate 0.0007 \
    --minutes 32 --threads 1 --batch 40 --precision bfloat16 --seed 17 -o "$work/turned-run"
python -m lab.runs.landmarks.export "$work/turned-run"
