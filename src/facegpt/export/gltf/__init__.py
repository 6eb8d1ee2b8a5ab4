"""glTF 2.0: the rigged head as GLB or .gltf, its parts one file each."""
