/** Frames a second that a node sends of its own accord, in the long run: what a switch floods to every port. */
export const nodeFramesPerSecond = 100;

/** Frames a second that the reserves of a whole zone may cost a LAN when they are filled at the same moment. */
export const zoneFramesPerSecond = 500;

/** Frames a second that the re-checks of a whole zone may cost a LAN. */
export const zoneRecheckFrames = 50;
