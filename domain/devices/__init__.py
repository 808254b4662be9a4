"""设备: the screens, kiosks and rating tablets of the halls, and how they are paired."""
