"""What loaders share: the inside of file formats, one package a family."""
