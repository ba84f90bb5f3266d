using System.Numerics;

namespace Dense.Imaging.Scenes;

/// <summary>Paints a layout from back to front: textures, shadows, light, sensor noise.</summary>
internal static class ScenePainter
{
    /// <summary>The picture: rows of red-green-blue bytes, Size·Size·3.</summary>
    public static byte[] Paint(SceneLayout layout)
    {
        var canvas = new Vector3[layout.Size * layout.Size];
        for (int y = 0; y < layout.Size; y++)
        {
            for (int x = 0; x < layout.Size; x++)
                canvas[y * layout.Size + x] = layout.Ground.Sample(new Vector2(x + 0.5f, y + 0.5f));
        }

        foreach (Layer layer in layout.Clutter.Concat(layout.Objects).Concat(layout.Strokes))
            PaintLayer(canvas, layout, layer);

        return Develop(canvas, layout);
    }

    private static void PaintLayer(Vector3[] canvas, SceneLayout layout, Layer layer)
    {
        // The shadow falls away from the light and is longer and softer below larger things.
        float height = MathF.Max(1, 0.12f * layer.Placement.Radius);
        Vector2 away = -height * Vector2.Normalize(layout.Light);
        var (left, top, right, bottom) = layer.Placement.Bounds(layout.Size, margin: 2 * height + 1);

        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                var point = new Vector2(x + 0.5f, y + 0.5f);
                ref Vector3 pixel = ref canvas[y * layout.Size + x];
                float coverage = Math.Clamp(0.5f - layer.Placement.Distance(point), 0, 1);
                if (coverage < 1 && layer.Shadow > 0)
                {
                    float depth = 0.5f - layer.Placement.Distance(point - away) / (2 * height);
                    pixel *= 1 - layer.Shadow * Math.Clamp(depth, 0, 1);
                }

                if (coverage > 0)
                    pixel = Vector3.Lerp(pixel, layer.Texture.Sample(point), coverage);
            }
        }
    }

    private static byte[] Develop(Vector3[] canvas, SceneLayout layout)
    {
        const float noise = 0.05f;
        var pixels = new byte[canvas.Length * 3];
        for (int i = 0; i < canvas.Length; i++)
        {
            int x = i % layout.Size;
            int y = i / layout.Size;
            Vector2 fromMiddle = new Vector2(x + 0.5f, y + 0.5f) * (2f / layout.Size) - Vector2.One;
            Vector3 lit = canvas[i] * (1 + Vector2.Dot(layout.Light, fromMiddle));
            for (int c = 0; c < 3; c++)
            {
                float grain = ValueNoise.Hash(3 * x + c, y, layout.NoiseSeed) - 0.5f;
                pixels[3 * i + c] = (byte)(255 * Math.Clamp(lit[c] + noise * grain, 0, 1) + 0.5f);
            }
        }

        return pixels;
    }
}
