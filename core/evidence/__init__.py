"""Evidence: papers photographed or scanned, kept encrypted beside what they prove."""
