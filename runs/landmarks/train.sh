#!/bin/sh
# From nothing to src/facegpt/assets/dense_landmarks.onnx: sh runs/landmarks/train.sh FOLDER DATA (20 GB free in FOLDER;
# DATA holds `photos` and `portraits`, CC0 pictures with landmarks.npz). Two CPU cores with bfloat16: under three hours
# (renders 10 min, detector 10, Mitsuba 9, trainings 119, the rest 10: from the times of its parts).
# Steps that are done are left out, and a training that was stopped goes on.
set -e
work="$1" data="$2"
mkdir -p "$work/first" "$work/run"
python -m runs.landmarks.points
[ -f "$work/skins.npz" ] || python -m runs.studio.photo_skins --data "$data" --out "$work/skins.npz"
studio="facegpt synthesize photos --skins $work/skins.npz --photos $data"
$studio --count 36000 --seed 300 --workers 2 -o "$work/crops"
$studio --count 60000 --seed 302 --workers 2 -o "$work/crops2"
$studio --count 1000 --seed 90 --workers 2 -o "$work/unseen"
$studio --count 500 --seed 301 --engine mitsuba -o "$work/mitsuba"
[ -f "$work/faces.npz" ] || FACEGPT_DATA="$data" python -m runs.landmarks.photo_crops "$work/faces.npz"

# bfloat16 is 1.7 times as fast as float32 on processors that have it (avx512_bf16, AMX); leave it out on others
export OMP_NUM_THREADS=1
round() {
    torchrun --nproc-per-node 2 -m -- facegpt train landmarks "$work/crops" --validation "$work/unseen" \
        --more "$work/crops2" 0.4 --more "$work/mitsuba" 0.05 --photos "$work/faces.npz" \
        --threads 1 --batch 40 --precision bfloat16 "$@"
}
# a first network from nothing; or, from the package's: runs/landmarks/from_onnx.py, into first/network.safetensors
[ -f "$work/first/card.json" ] || round --minutes 65 -o "$work/first"
for decoded in crops validation more-1 more-2 hard; do
    [ -e "$work/run/$decoded" ] || ln -s "../first/$decoded" "$work/run/$decoded"
done
round --start "$work/first/network.safetensors" --learning-rate 0.001 --minutes 54 --seed 7 -o "$work/run"
python -m runs.landmarks.export "$work/run"
