#!/bin/sh
# From nothing to src/facegpt/assets/dense_landmarks.onnx: sh runs/landmarks/train.sh FOLDER DATA (12 GB free in FOLDER;
# DATA holds `photos` and `portraits`, CC0 pictures with landmarks.npz). Two CPU cores, three hours.
# Steps that are done are left out, and a training that was stopped goes on.
set -e
work="$1" data="$2"
mkdir -p "$work"
python runs/landmarks/points.py
[ -f "$work/skins.npz" ] || python runs/studio/photo_skins.py --data "$data" --out "$work/skins.npz"
facegpt synthesize photos --skins "$work/skins.npz" --photos "$data" --count 54000 --seed 0 --workers 2 -o "$work/crops"
facegpt synthesize photos --skins "$work/skins.npz" --photos "$data" --count 1000 --seed 90 --workers 2 -o "$work/unseen"
[ -f "$work/errors.npz" ] || python runs/landmarks/detector_errors.py "$work/errors.npz" 1600
facegpt train landmarks "$work/crops" --validation "$work/unseen" --errors "$work/errors.npz" --minutes 63 -o "$work/first"
python runs/landmarks/export.py "$work/first"
# fits to photos, which the first network starts, label them for the second round
[ -f "$work/photos/crops.json" ] || FACEGPT_DATA="$data" python runs/landmarks/photo_crops.py "$work/photos"
facegpt train landmarks "$work/crops" --validation "$work/unseen" --errors "$work/errors.npz" --photos "$work/photos" \
    --start "$work/first/network.safetensors" --minutes 74 -o "$work/run"
python runs/landmarks/export.py "$work/run"
