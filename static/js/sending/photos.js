// Photographs are made smaller on the phone, before mobile data is spent on them. What a phone
// cannot make smaller goes as it is: the server makes each again anyway.
const LONGEST = 1600;
const QUALITY = 0.85;
const SMALL = 400 * 1024;

function blobOf(canvas) {
  return new Promise((done) => {
    canvas.toBlob(done, "image/jpeg", QUALITY);
  });
}

export async function smaller(file) {
  if (file.size <= SMALL) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await blobOf(canvas);
    return blob && blob.size < file.size
      ? new File([blob], "photo.jpg", { type: blob.type })
      : file;
  } catch {
    return file;
  }
}
