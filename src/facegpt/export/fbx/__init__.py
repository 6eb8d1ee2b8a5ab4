"""FBX 7.4 (binary): the rigged head for Unreal, Unity, Maya, 3ds Max, iClone and others, its parts one file each."""
